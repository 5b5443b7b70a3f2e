import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';

export const bodiesUnfinished: Check = {
  id: 'bodies/unfinished',
  title: 'The server closes a request that never finishes',
  fault: 'The server waits for a request that never finishes',
  severity: 'medium',
  why: 'One client that sends slowly can hold all connections of the server',
  sends: 'the first half of a request as raw bytes, then nothing',
  fix: 'Set a timeout for whole requests; the default in Node.js (requestTimeout) is five minutes',
  frameworks: {
    'Node.js': 'createServer({ headersTimeout: 10_000, requestTimeout: 15_000 })',
    nginx: 'client_header_timeout 10s; client_body_timeout 10s;',
    Go: 'http.Server{ReadHeaderTimeout: 10*time.Second, ReadTimeout: 15*time.Second}',
  },
  reference: 'CWE-400 (slow HTTP attacks); OWASP MCP checklist: timeouts',
  baseline: 'answer',
  // It waits until the server closes the request.
  waits: true,
  async run(probe) {
    const token = Object.entries(probe.credentials).map(([name, value]) => `${name}: ${value}`);
    const head = [
      `POST ${probe.target.path} HTTP/1.1`,
      `Host: ${probe.target.url.host}`,
      'Accept: application/json, text/event-stream',
      'Content-Type: application/json',
      'Content-Length: 100',
      ...token,
    ];
    const { patienceMs } = probe.options;
    const { silent, status, milliseconds } = await probe.raw(
      `${head.join('\r\n')}\r\n\r\n{"jsonrpc"`,
      patienceMs,
    );
    if (silent) return fail(`still open after ${Math.round(milliseconds / 1000)} s`);
    const how = status === 0 ? 'connection closed' : `HTTP ${status}`;
    return pass(`${how} after ${(milliseconds / 1000).toFixed(1)} s`);
  },
};
