import type { Check } from '../../check.ts';
import { ENDPOINT_EVENT, endpointIn } from '../../sse-exchange.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

const STREAMS = ['/sse', '/mcp/sse'];

export const surfaceOldTransport: Check = {
  id: 'surface/old-transport',
  title: 'The deprecated HTTP+SSE transport is not open without a token',
  fault: 'The deprecated HTTP+SSE transport is open without a token',
  severity: 'medium',
  why: 'The old transport is often left beside the new one, without its authentication and its limits',
  sends:
    'GET to the endpoint, /sse and /mcp/sse without a token, and a POST to the address that the stream names on this host',
  fix: 'Remove the deprecated HTTP+SSE transport, or authenticate it like the endpoint',
  frameworks: {
    'mcp-handler': 'createMcpHandler(server, options, { disableSse: true })',
    'FastMCP (Python)': 'run(transport="http") instead of "sse"',
  },
  reference: 'MCP 2026-07-28 Deprecated features, HTTP+SSE',
  baseline: 'answer',
  async run({ send, known, target, describe }) {
    const headers = { accept: 'text/event-stream' };
    let silent = false;
    for (const path of new Set([target.path, ...STREAMS])) {
      const answer = await send({ method: 'GET', path, auth: 'none', headers, until: ENDPOINT_EVENT });
      silent ||= answer.status === 0 && answer.failure === 'timeout';
      const address = endpointIn(answer.text);
      // Only the first event shows that a stream is this transport.
      if (answer.status !== 200 || address === '') continue;
      const said = `${path}: ${describe(answer)}`;
      const url = URL.parse(address, target.url.href);
      const isHere = url?.host === target.url.host;
      if (!isHere) return fail(said, known.isProtected ? undefined : 'low');
      // The stream is closed by now, so the server may know the session no more. It may not ask for a token.
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
      const posted = await send({ path: `${url.pathname}${url.search}`, auth: 'none', body });
      if (posted.status === 401 || posted.status === 403) continue;
      return fail(`${said}; POST: ${describe(posted)}`, known.isProtected ? undefined : 'low');
    }
    return silent ? inconclusive('no response in time') : pass('not served');
  },
};
