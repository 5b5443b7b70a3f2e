import type { Check } from '../../check.ts';
import { pass } from '../../verdict.ts';
import { tryCredentials } from '../authentication/try-credential.ts';

export const surfacePathVariants: Check = {
  id: 'surface/path-variants',
  title: 'No other spelling of the path bypasses authentication',
  fault: 'Another spelling of the path bypasses authentication',
  severity: 'high',
  why: 'A proxy protects one spelling, and the server behind it answers to the others',
  sends: 'a list without a token to spellings of the path: case, slashes, dots, percent-encoding',
  fix: 'Authenticate in the handler, not in a rule for one spelling of its path',
  frameworks: {
    nginx: 'location matches the decoded path; do not use "location = /mcp" for auth_request alone',
    Spring: 'anyRequest().authenticated() instead of requestMatchers("/mcp")',
  },
  reference: 'RFC 3986 §6; OWASP WSTG-ATHZ-02',
  baseline: 'denial',
  async run(probe, era) {
    const { pathname } = probe.target.url;
    const encoded = pathname.replace(/[a-z]/i, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
    const variants = [
      `${pathname}/`,
      `/${pathname}`,
      pathname.toUpperCase(),
      `/.${pathname}`,
      `/x/..${pathname}`,
      `${pathname};x=1`,
      `${pathname}%2f`,
      `${pathname}%00`,
      encoded,
      `${pathname}/..${pathname}`,
    ].filter((path) => path !== pathname);
    const spellings = [...new Set(variants)].map((path) => ({ path, headers: {} }));
    const open: string[] = [];
    let doubts = 0;
    for (const spelling of spellings) {
      const { outcome, evidence } = await tryCredentials(probe, era, [spelling]);
      if (outcome === 'fail') open.push(`${spelling.path}: ${evidence}`);
      // Another status than 401 means that the path is not served. Silence means nothing.
      if (outcome === 'inconclusive' && evidence.includes('no response in time')) doubts += 1;
    }
    const said =
      open.length > 0 ? open.join('; ') : `${doubts} of ${spellings.length} spellings got no response`;
    if (open.length === 0 && doubts === 0) return pass(`${spellings.length} spellings refused`);
    return { outcome: open.length > 0 ? 'fail' : 'inconclusive', evidence: said };
  },
};
