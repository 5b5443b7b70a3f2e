import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { createAuthFailureLimit } from '../../../service/limits/auth-failure-limit.ts';
import type { Defect, Defects } from './defects.ts';
import { answer, type Message, peek, setField, succeed, tokenOf } from './tamper.ts';

type Look = (
  message: Message,
  response: ServerResponse,
  request: IncomingMessage,
  text: Buffer,
) => boolean | undefined;

/** Handles only requests with a token. `look` answers the request, or returns false. */
const onMessage = (look: Look): Defect => ({
  front(request, response, next) {
    if (tokenOf(request) === undefined || request.method !== 'POST') return next();
    peek(request, (message, text) => {
      if (!look(message, response, request, text)) next();
    });
  },
});

const succeedsOn = (is: (message: Message, text: Buffer) => boolean): Defect =>
  onMessage((message, response, _request, text) => {
    if (!is(message, text)) return false;
    succeed(response);
    return true;
  });

/** Replaces a header field with the value from the body. */
const corrects = (
  field: string,
  value: (message: Message, request: IncomingMessage) => string | undefined,
): Defect =>
  onMessage((message, _response, request) => {
    const right = value(message, request);
    if (right !== undefined) setField(request, field, right);
    return false;
  });

const versionOf = ({ params }: Message) =>
  (params?._meta as Record<string, string> | undefined)?.['io.modelcontextprotocol/protocolVersion'];

/** Accepts a body of any size. */
const acceptsAny = (is: (request: IncomingMessage) => boolean, read = (body: Buffer) => body): Defect => ({
  async front(request, response, next) {
    if (!is(request)) return next();
    // The client may have closed the connection.
    const sent = await buffer(request).catch(() => undefined);
    if (sent === undefined) return;
    const body = read(sent);
    return body.length > 0 ? succeed(response) : undefined;
  },
});

const lengthOf = ({ headers }: IncomingMessage) => Number(headers['content-length'] ?? 0);
const MANY = 100_000;

export const MESSAGE_DEFECTS: Defects = {
  'bodies/declared-size': acceptsAny((request) => lengthOf(request) > MANY),
  'bodies/chunked-size': acceptsAny(({ headers }) => headers['transfer-encoding'] === 'chunked'),
  // The size of the message with 20,000 nested arrays. No other message is as large, except the batch.
  'bodies/depth': {
    front(request, response, next) {
      if (lengthOf(request) > 40_000 && lengthOf(request) < 41_000) answer(response, 500, '{}');
      else next();
    },
  },
  'bodies/content-type': {
    front(request, _response, next) {
      if (request.headers['content-type'] === 'text/plain')
        setField(request, 'content-type', 'application/json');
      next();
    },
  },
  'bodies/framing': { server: { insecureHTTPParser: true } },
  'bodies/unfinished': { server: { headersTimeout: 0, requestTimeout: 0 } },
  'bodies/bomb': acceptsAny(
    ({ headers }) => headers['content-encoding'] === 'gzip',
    (body) => gunzipSync(body),
  ),
  'json-rpc/parse-error': onMessage((_message, response, _request, text) => {
    if (text.toString() !== '{"jsonrpc":"2.0","id":1,') return false;
    answer(response, 400, '{"error":"bad request"}');
    return true;
  }),
  'json-rpc/encoding': succeedsOn((_message, text) => text.includes(0xff)),
  'json-rpc/batch': {
    front(request, response, next) {
      if (lengthOf(request) <= 41_000 || lengthOf(request) > MANY) return next();
      const results = Array.from({ length: 200 }, (_, id) => ({ jsonrpc: '2.0', id, result: {} }));
      return answer(response, 200, JSON.stringify(results));
    },
  },
  'json-rpc/shape': succeedsOn(({ id }) => id === null),
  'json-rpc/member-case': succeedsOn(({ METHOD }) => METHOD !== undefined),
  'json-rpc/prototype': succeedsOn(({ params }) => params?.name === 'constructor'),
  'json-rpc/unknown-method': onMessage(({ method }, response) => {
    if (method !== 'doctor/unknown') return false;
    answer(response, 404, JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32_603, message: 'no' } }));
    return true;
  }),
  'mismatch/method': corrects('mcp-method', ({ method }, { headers }) =>
    headers['mcp-method'] === undefined ? undefined : String(method),
  ),
  'mismatch/name': corrects('mcp-name', ({ params }) => params?.name as string | undefined),
  'mismatch/missing': corrects('mcp-method', ({ method }, { headers }) =>
    headers['mcp-method'] === undefined && headers['mcp-protocol-version'] === '2026-07-28'
      ? String(method)
      : undefined,
  ),
  'mismatch/version': corrects('mcp-protocol-version', versionOf),
  'eras/current': onMessage((message, response) => {
    if (versionOf(message) === undefined) return false;
    answer(response, 400, JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32_000, message: 'no' } }));
    return true;
  }),
  'eras/unsupported-version': {
    front(request, _response, next) {
      if (request.headers['mcp-protocol-version'] === '1999-01-01')
        setField(request, 'mcp-protocol-version', undefined);
      next();
    },
  },
  'eras/session-ids': (() => {
    let sessions = 0;
    return onMessage(({ method }, response) => {
      sessions += 1;
      if (method === 'initialize') response.setHeader('mcp-session-id', String(sessions).padStart(40, '0'));
      return false;
    });
  })(),
  'ssrf/addresses': succeedsOn(
    ({ params }) => params?.arguments?.url === 'http://[::ffff:169.254.169.254]/latest/meta-data/',
  ),
  'ssrf/schemes': succeedsOn(({ params }) => params?.arguments?.url === 'file:///etc/passwd'),
  'leakage/tool-errors': onMessage(({ params }, response, { headers }) => {
    if (params?.name !== 'doctor_no_such_tool' || headers['mcp-name'] !== params.name) return false;
    answer(response, 500, '{}');
    return true;
  }),
  'rate-limits/client': { app: { clientLimitPerMinute: 100_000 }, options: { rateTest: 40 } },
  'rate-limits/bad-tokens': {
    app: {
      authFailureLimit: createAuthFailureLimit({ limitPerMinute: 100_000, now: () => performance.now() }),
    },
    options: { rateTest: 320 },
  },
};
