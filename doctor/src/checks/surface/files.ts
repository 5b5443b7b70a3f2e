import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

/** Paths that scanners look for and that must not be public, with the content that only the real file has. */
const FILES: Readonly<Record<string, RegExp>> = {
  '/.env': /^(?:export )?[A-Z][A-Z0-9_]{2,60}=\S/m,
  '/.git/HEAD': /^(?:ref: refs\/|[0-9a-f]{40}$)/m,
  '/package.json': /"(?:dependencies|devDependencies|scripts)"\s*:/,
  '/metrics': /^(?:# (?:HELP|TYPE) |[a-z_:][\w:]{2,100}(?:\{[^}\n]{0,500}\})? [\d.eE+-]+(?: \d+)?\s*$)/m,
  '/debug/pprof/': /\bprofiles?\b[\s\S]{0,2000}\bgoroutine\b/i,
  '/actuator/env': /"(?:propertySources|activeProfiles)"\s*:/,
  '/server-status': /Apache (?:Server )?Status|Server uptime:|Active connections:/i,
  '/console': /Werkzeug|Interactive Console|H2 Console|rails.{0,20}console/i,
};
const PATHS = Object.keys(FILES);

export const surfaceFiles: Check = {
  id: 'surface/files',
  title: 'Files, metrics and debugging pages are not public',
  fault: 'Files, metrics or debugging pages are public',
  severity: 'high',
  why: 'They hold passwords, source code and the internals that the next attack needs',
  sends: `GET without a token to ${PATHS.join(', ')}`,
  fix: 'Serve only the endpoint, its metadata and a health check; answer 404 to every other path',
  frameworks: {
    Spring: 'management.endpoints.web.exposure.include=health and a port of its own for them',
    Express: 'express.static only for a folder that holds nothing else',
    Go: 'import net/http/pprof only on an internal mux',
  },
  reference: 'OWASP WSTG-CONF-04, WSTG-CONF-05',
  baseline: 'answer',
  async run({ send, describe }) {
    const open: string[] = [];
    let silent = 0;
    for (const [path, content] of Object.entries(FILES)) {
      const answer = await send({ method: 'GET', path, auth: 'none', headers: { accept: '*/*' } });
      if (answer.failure === 'timeout') silent += 1;
      // A site may have one page for every path. Only the content shows that the file is there.
      if (answer.status !== 200 || !content.test(answer.text)) continue;
      const { text } = await send({ method: 'GET', path: `/not-there${path}`, auth: 'none' });
      if (!content.test(text)) open.push(`${path}: ${describe(answer)}`);
    }
    if (open.length > 0) return fail(open.join('; '));
    return silent > 0
      ? inconclusive(`no response in time to ${silent} of ${PATHS.length} paths`)
      : pass(`${PATHS.length} paths are not served`);
  },
};
