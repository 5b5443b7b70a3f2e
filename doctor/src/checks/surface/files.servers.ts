import { randomUUID } from 'node:crypto';
import { respondsOn, type Servers, silentOn } from '../../../test/support/scenarios.ts';

export const SERVERS: Servers = {
  fails: respondsOn(
    ({ request }) => request.url === '/metrics',
    200,
    'process_cpu_seconds_total 1',
    'text/plain',
  ),
  // One page for every path, with a part that is different each time.
  passes: {
    before({ request, response }) {
      if (request.url === '/mcp') return false;
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(`<!doctype html><script nonce="${randomUUID()}"></script><h1>Console and metrics</h1>`);
      return true;
    },
  },
  cannotTell: silentOn(({ request }) => request.url === '/console'),
};
