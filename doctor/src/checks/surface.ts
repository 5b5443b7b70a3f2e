import type { Check } from '../check.ts';
import { needProtection, succeeded } from '../probe.ts';
import { fail, inconclusive, pass } from '../verdict.ts';

/** Paths that common scanners look for and that must not be public. */
const FILES = [
  '/.env',
  '/.git/HEAD',
  '/package.json',
  '/metrics',
  '/debug/pprof/',
  '/actuator/env',
  '/server-status',
  '/console',
];
const NOT_THERE = '/hardened-mcp-doctor-not-there';
const METHODS = ['PUT', 'PATCH', 'TRACE', 'PROPFIND'];

export const SURFACE_CHECKS: readonly Check[] = [
  {
    id: 'surface/methods',
    title: 'HTTP methods that the protocol does not use are refused',
    severity: 'medium',
    sends: 'PUT, PATCH, TRACE, PROPFIND, and GET and DELETE without a session',
    fix: 'Answer 405 with Allow: POST to every method except POST',
    reference: 'MCP 2026-07-28 Streamable HTTP, Earlier revisions; RFC 9110 §15.5.6',
    async run(probe) {
      const { body, headers } = probe.message('tools/list');
      const wrong: string[] = [];
      const add = (method: string, answer: Parameters<typeof probe.describe>[0]) =>
        wrong.push(`${method}: ${probe.describe(answer)}`);
      for (const method of METHODS) {
        const answer = await probe.send({
          method,
          headers,
          body: method === 'TRACE' ? undefined : JSON.stringify(body),
        });
        if (answer.status > 0 && answer.status < 300) add(method, answer);
      }
      for (const method of ['GET', 'DELETE']) {
        const answer = await probe.send({ method, headOnly: true, headers: { accept: 'text/event-stream' } });
        // Older revisions allow a server to open a stream here.
        const stream = method === 'GET' && answer.headers['content-type']?.startsWith('text/event-stream');
        if (answer.status > 0 && answer.status < 300 && !stream) add(method, answer);
      }
      return wrong.length > 0
        ? fail(wrong.join('; '))
        : pass(`${METHODS.join(', ')}, GET and DELETE refused`);
    },
  },
  {
    id: 'surface/files',
    title: 'Files, metrics and debugging pages are not public',
    severity: 'high',
    sends: `GET without a token to ${FILES.join(', ')}`,
    fix: 'Serve only the endpoint, its metadata and a health check; answer 404 to every other path',
    reference: 'OWASP WSTG-CONF-04, WSTG-CONF-05',
    async run(probe) {
      const get = (path: string) =>
        probe.send({ method: 'GET', path, auth: 'none', headers: { accept: '*/*' } });
      const missing = await get(NOT_THERE);
      const open: string[] = [];
      for (const path of FILES) {
        const answer = await get(path);
        // A site may serve the same page for every path, which reveals nothing.
        const real = answer.status === 200 && answer.text !== missing.text;
        if (real) open.push(`${path}: ${probe.describe(answer)}`);
      }
      return open.length > 0 ? fail(open.join('; ')) : pass(`${FILES.length} paths are not served`);
    },
  },
  {
    id: 'surface/old-transport',
    title: 'The deprecated HTTP+SSE transport is not open without a token',
    severity: 'medium',
    sends: 'GET to /sse and POST to /messages and /message, without a token',
    fix: 'Remove the deprecated HTTP+SSE transport, or authenticate it like the endpoint',
    reference: 'MCP 2026-07-28 Deprecated features, HTTP+SSE',
    async run(probe) {
      const { body, headers } = probe.message('tools/list');
      const answers = [
        await probe.send({
          method: 'GET',
          path: '/sse',
          headOnly: true,
          auth: 'none',
          headers: { accept: 'text/event-stream' },
        }),
        await probe.send({ path: '/messages', auth: 'none', body: JSON.stringify(body), headers }),
        await probe.send({ path: '/message', auth: 'none', body: JSON.stringify(body), headers }),
      ];
      const open = answers.filter(
        (answer) =>
          answer.status === 202 ||
          (answer.status === 200 && answer.headers['content-type']?.startsWith('text/event-stream')) ||
          succeeded(answer),
      );
      return open.length > 0 ? fail(open.map(probe.describe).join('; ')) : pass('not served');
    },
  },
  {
    id: 'surface/path-variants',
    title: 'No other spelling of the path bypasses authentication',
    severity: 'high',
    sends: 'tools/list without a token to spellings of the path: case, slashes, dots, percent-encoding',
    fix: 'Authenticate in the handler, not in a rule for one spelling of its path',
    reference: 'RFC 3986 §6; OWASP WSTG-ATHZ-02',
    async run(probe) {
      needProtection(probe);
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
      ];
      const open: string[] = [];
      for (const path of new Set(variants)) {
        const answer = await probe.ask('tools/list', {}, { path, auth: 'none' });
        if (succeeded(answer)) open.push(`${path}: ${probe.describe(answer)}`);
      }
      return open.length > 0 ? fail(open.join('; ')) : pass(`${variants.length} spellings refused`);
    },
  },
];

/** Runs after all checks that send attacks. */
export const AFTERMATH_CHECKS: readonly Check[] = [
  {
    id: 'surface/still-answers',
    title: 'The server still answers after the attacks',
    severity: 'high',
    sends: 'tools/list without a token and with it',
    fix: 'Read the logs of the server; the input of one client must not stop the service for the others',
    reference: 'CWE-400',
    async run(probe) {
      const { refusal, noAccess } = probe.known;
      const bare = await probe.ask(
        'tools/list',
        {},
        { auth: 'none', headers: { 'mcp-session-id': undefined } },
      );
      const full = await probe.ask('tools/list');
      if (bare.failure === 'timeout' || full.failure === 'timeout')
        return inconclusive('no response in time');
      const same = bare.status < 500 && bare.status !== 0 && (noAccess !== undefined || succeeded(full));
      const said = `before: HTTP ${refusal.status}; now: ${probe.describe(bare)}, ${probe.describe(full)}`;
      return (same ? pass : fail)(said);
    },
  },
];
