import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TOKENS } from '../../../test/service/support/tokens.ts';
import type { Defect, Defects } from './defects.ts';
import { addToken, answer, peek, rewriteHead, setField, tokenOf } from './tamper.ts';

/** Changes the request before the application sees it. */
const before = (change: (request: IncomingMessage) => void): Defect => ({
  front(request, _response, next) {
    change(request);
    next();
  },
});

const ifOn = (
  is: (request: IncomingMessage) => boolean,
  status: number,
  body: string,
  type?: string,
): Defect => ({
  front(request, response, next) {
    if (is(request)) answer(response, status, body, type);
    else next();
  },
});

const withChallenge = (from: string | RegExp, to: string): Defect => ({
  front(_request, response, next) {
    rewriteHead(response, () => {
      const value = response.getHeader('www-authenticate');
      return value === undefined ? {} : { 'www-authenticate': String(value).replace(from, to) };
    });
    next();
  },
});

const isUnknown = (token: string | undefined) =>
  token !== undefined && /^[\w-]+$/.test(token) && !(Object.values(TOKENS) as string[]).includes(token);

export const REQUEST_DEFECTS: Defects = {
  'authentication/missing-token': before((request) => {
    if (tokenOf(request) === undefined) addToken(request);
  }),
  'authentication/bad-token': before((request) => {
    if (isUnknown(tokenOf(request))) addToken(request);
  }),
  'authentication/expired-token': before((request) => {
    if (tokenOf(request) === TOKENS.expired) addToken(request);
  }),
  'authentication/forged-token': before((request) => {
    if (tokenOf(request)?.split('.').length === 3) addToken(request);
  }),
  'authentication/token-in-query': before((request) => {
    if (request.url?.includes(`access_token=${TOKENS.alice}`)) addToken(request);
  }),
  'authentication/session': {
    front(request, response, next) {
      if (tokenOf(request) === undefined && request.headers['mcp-session-id'] !== undefined)
        addToken(request);
      peek(request, ({ method }) => {
        if (method === 'initialize') response.setHeader('mcp-session-id', randomUUID());
        next();
      });
    },
  },
  'authentication/get-stream': {
    front(request, response, next) {
      if (request.method !== 'GET' || request.url !== '/mcp') next();
      else response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': open\n\n');
    },
  },
  'metadata/challenge': {
    front(_request, response, next) {
      rewriteHead(response, () => ({ 'www-authenticate': undefined }));
      next();
    },
  },
  'metadata/error-code': withChallenge('realm="mcp", scope', 'realm="mcp", error="invalid_token", scope'),
  'metadata/location': withChallenge(
    /resource_metadata="[^"]*"/,
    'resource_metadata="https://attacker.example/"',
  ),
  'metadata/resource': { resource: { resource: 'https://other.example.com/mcp' } },
  'metadata/authorization-servers': { resource: { authorization_servers: [] } },
  'metadata/scopes': { resource: { scopes_supported: ['scrape', 'offline_access'] } },
  'origin/foreign': before((request) => {
    if (['https://attacker.example', 'null'].includes(request.headers.origin ?? ''))
      setField(request, 'origin', undefined);
  }),
  'origin/lookalike': before((request) => {
    if (request.headers.origin?.includes('127.0.0.1')) setField(request, 'origin', undefined);
  }),
  'origin/cors': {
    front(request, response, next) {
      const { origin } = request.headers;
      if (origin !== undefined) rewriteHead(response, () => ({ 'access-control-allow-origin': origin }));
      next();
    },
  },
  'host/foreign': before((request) => {
    if (request.headers.host === 'attacker.example') setField(request, 'host', '127.0.0.1');
  }),
  'host/ambiguous': before((request) => {
    if (request.rawHeaders.includes('attacker.example') && request.headers.host !== 'attacker.example')
      setField(request, 'host', '127.0.0.1');
  }),
  'surface/methods': ifOn(({ method }) => method === 'PUT', 200, '{"stored":true}'),
  'surface/files': ifOn(({ url }) => url === '/metrics', 200, 'process_cpu_seconds_total 1', 'text/plain'),
  'surface/old-transport': ifOn(
    ({ url }) => url === '/sse',
    200,
    'event: endpoint\ndata: /x\n\n',
    'text/event-stream',
  ),
  'surface/path-variants': before((request) => {
    if (request.url !== '/MCP') return;
    request.url = '/mcp';
    addToken(request);
  }),
  'surface/still-answers': (() => {
    let broken = false;
    return {
      front(request, response, next) {
        if (broken) answer(response, 503, '{}');
        else next();
        broken ||= request.headers['content-encoding'] === 'gzip';
      },
    };
  })(),
  'leakage/stack-traces': ifOn(
    ({ url }) => url === '/console',
    404,
    'TypeError: x\n    at serve (server.ts:10:5)\n    at next (router.ts:1:2)',
    'text/plain',
  ),
  'leakage/paths': ifOn(({ url }) => url === '/console', 404, 'no /home/deploy/mcp/console', 'text/plain'),
  'leakage/internal-addresses': ifOn(({ url }) => url === '/console', 404, 'upstream 10.1.2.3', 'text/plain'),
  'leakage/versions': {
    front(_request, response, next) {
      response.setHeader('server', 'nginx/1.18.0');
      next();
    },
  },
  'leakage/token': {
    front(request, response, next) {
      if (request.method === 'DELETE')
        answer(response, 405, `no DELETE by ${request.headers.authorization}`, 'text/plain');
      else next();
    },
  },
};
