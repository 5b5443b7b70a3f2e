import { randomInt, randomUUID } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';

/** The verdict of a second look about a check, without any code of the doctor. */
export type Judgement = 'pass' | 'fail';

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

type Fields = Readonly<Record<string, string>>;

interface Era {
  readonly isModern: boolean;
  /** Sends tools/list with a change. */
  list(change?: Fields, body?: (usual: string) => string): Promise<Reply>;
  readonly session: string | undefined;
}

const WAIT_MS = 5000;
const MODERN = '2026-07-28';
const LEGACY = '2025-11-25';
const client = { name: 'second-look', version: '1' };

/** Judges a part of the checks again, with requests of its own. */
export async function judge(url: string, token?: string): Promise<ReadonlyMap<string, Judgement>> {
  const access: Fields = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const verdicts = new Map<string, Judgement>();
  const say = (id: string, isFault: boolean) => {
    if (verdicts.get(id) !== 'fail') verdicts.set(id, isFault ? 'fail' : 'pass');
  };
  const served = [await meet(url, access, true), await meet(url, access, false)].filter(
    (era) => era !== undefined,
  );
  if (served.length > 0) say('eras/current', !served.some(({ isModern }) => isModern));
  const bare = [await meet(url, {}, true), await meet(url, {}, false)].filter((era) => era !== undefined);
  const denial = await send(url, legacy('initialize', HELLO), {});
  if (bare.length > 0) say('authentication/missing-token', true);
  else if (denial.status === 401 || denial.status === 403) say('authentication/missing-token', false);
  if (bare.length === 0 && denial.status === 401) {
    for (const [id, wrong] of WRONG) {
      const fields = { authorization: `Bearer ${wrong}` };
      say(
        id,
        (await meet(url, fields, true)) !== undefined || (await meet(url, fields, false)) !== undefined,
      );
    }
  }
  const ping = await send(url, legacy('ping', {}), {});
  say('headers/nosniff', ping.headers['x-content-type-options'] !== 'nosniff');
  say('surface/files', await servesFiles(url));
  for (const era of served) say('definitions/invisible', INVISIBLE.test((await era.list()).text));
  for (const era of served) await alter(era, say, url, access);
  const after = [await meet(url, access, true), await meet(url, access, false)].filter(
    (era) => era !== undefined,
  );
  if (served.length > 0) say('surface/still-answers', after.length < served.length);
  return verdicts;
}

/**
 * Each request is `tools/list` with one change. A result shows the fault. A refusal counts only if the request without the
 * change succeeds after it.
 */
async function alter(era: Era, say: (id: string, isFault: boolean) => void, url: string, access: Fields) {
  const attempt = async (id: string, change: Fields, body?: (usual: string) => string) => {
    if (hasResult(await era.list(change, body))) say(id, true);
    else if (hasResult(await era.list())) say(id, false);
  };
  for (const origin of ['https://attacker.example', 'null']) await attempt('origin/foreign', { origin });
  await attempt('origin/lookalike', { origin: `https://${new URL(url).hostname}.attacker.example` });
  await attempt('host/foreign', { host: 'attacker.example' });
  for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
    await attempt('bodies/content-type', { 'content-type': type });
  await attempt('json-rpc/batch', {}, manyOf);
  const unknown = await era.list({ 'mcp-method': 'second/look' }, (usual) =>
    usual.replace('tools/list', 'second/look'),
  );
  if (unknown.text !== '')
    say(
      'json-rpc/unknown-method',
      !unknown.text.includes('-32601') || (era.isModern && unknown.status !== 404),
    );
  say('json-rpc/parse-error', !(await era.list({}, (usual) => usual.slice(0, 20))).text.includes('-32700'));
  const cross = await era.list({ origin: 'https://attacker.example' });
  const preflight = await send(
    url,
    undefined,
    { ...access, origin: 'https://attacker.example', 'access-control-request-method': 'POST' },
    'OPTIONS',
  );
  const opens = ({ headers }: Reply) =>
    ['*', 'https://attacker.example'].includes(headers['access-control-allow-origin'] ?? '');
  say('origin/cors', opens(cross) || opens(preflight));
  if (era.session === undefined) return;
  say('sessions/unknown', hasResult(await era.list({ 'mcp-session-id': randomUUID() })));
  const own = randomUUID();
  const fixed = await send(url, legacy('initialize', HELLO), { ...access, 'mcp-session-id': own });
  say('sessions/fixation', fixed.headers['mcp-session-id'] === own);
  say('eras/session-ids', era.session.length < 20);
  const gone = await send(url, undefined, { ...access, 'mcp-session-id': era.session }, 'DELETE');
  if (gone.status < 300) say('sessions/ended', hasResult(await era.list()));
}

/** Whether a file that no site shows to all is there, beside a path that is not. */
async function servesFiles(url: string): Promise<boolean> {
  const get = async (path: string) => {
    const { status, headers, text } = await send(new URL(path, url).href, undefined, {}, 'GET');
    return status === 200 && text !== '' && !headers['content-type']?.startsWith('text/html');
  };
  if (await get(`/${randomUUID()}`)) return false;
  const found = await Promise.all(['/metrics', '/.env', '/.git/HEAD', '/package.json'].map(get));
  return found.includes(true);
}

/** Zero-width characters, direction changes and tags, as they are or as escapes of JSON. */
const INVISIBLE =
  /[\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]|\\u(?:200b|206[0-9]|feff|202[a-e]|db40)/iu;

/** More messages than any client sends at once. */
const manyOf = (usual: string) =>
  `[${Array.from({ length: 200 }, (_, id) => usual.replace(/"id":\d+/, `"id":${id + 1}`)).join(',')}]`;

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { sub: 'admin', aud: 'https://graph.microsoft.com', iat: 1_760_000_000, exp: 4_102_444_800 };
/** JWTs without a signature, and with one of a key that no issuer has. */
const forged = (alg: string, signature: string) =>
  `${encode({ alg, typ: 'JWT', kid: '1' })}.${encode(CLAIMS)}.${signature}`;
const WRONG: readonly (readonly [string, string])[] = [
  ['authentication/bad-token', 'x'.repeat(40)],
  ['authentication/forged-token', forged('none', '')],
  ['authentication/forged-token', forged('HS256', encode({ x: 'x'.repeat(20) }))],
  ['authentication/forged-token', forged('RS256', encode({ x: 'x'.repeat(200) }))],
];

const HELLO = { protocolVersion: LEGACY, capabilities: {}, clientInfo: client };
const META = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientInfo': client,
  'io.modelcontextprotocol/clientCapabilities': {},
};

const legacy = (method: string, params: object) =>
  JSON.stringify({ jsonrpc: '2.0', id: randomInt(1000, 1e9), method, params });

/** @returns undefined if `tools/list` does not succeed */
async function meet(url: string, access: Fields, isModern: boolean): Promise<Era | undefined> {
  let fields: Fields = { ...access, 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/list' };
  let session: string | undefined;
  if (isModern) {
    const hello = await send(url, legacy('server/discover', { _meta: META }), {
      ...fields,
      'mcp-method': 'server/discover',
    });
    if (!hello.text.includes('"supportedVersions"')) return undefined;
  } else {
    const hello = await send(url, legacy('initialize', HELLO), access);
    if (!hasResult(hello)) return undefined;
    const [, version = LEGACY] = /"protocolVersion":\s*"([\d-]+)"/.exec(hello.text) ?? [];
    [session] = [hello.headers['mcp-session-id']].flat();
    fields = {
      ...access,
      'mcp-protocol-version': version,
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    };
    await send(url, JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }), fields);
  }
  const list: Era['list'] = (change = {}, body = (text) => text) =>
    send(url, body(legacy('tools/list', isModern ? { _meta: META } : {})), { ...fields, ...change });
  return hasResult(await list()) ? { isModern, list, session } : undefined;
}

const RESULT = /"result":\s*\{/;
const hasResult = ({ text }: Reply): boolean => RESULT.test(text);

/** Sends one request. Reads an event stream until its first answer. */
function send(url: string, body: string | undefined, fields: Fields, method = 'POST'): Promise<Reply> {
  const headers = {
    accept: 'application/json, text/event-stream',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...fields,
  };
  return new Promise((resolve) => {
    let text = '';
    let reply: IncomingMessage | undefined;
    const outgoing = request(url, { method, headers, agent: false, timeout: WAIT_MS });
    const finish = () => {
      clearTimeout(timer);
      resolve({ status: reply?.statusCode ?? 0, headers: reply?.headers ?? {}, text });
      outgoing.destroy();
    };
    const timer = setTimeout(finish, WAIT_MS);
    outgoing.on('error', finish).on('close', finish);
    outgoing.on('response', (incoming) => {
      reply = incoming;
      incoming.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (
          incoming.headers['content-type']?.startsWith('text/event-stream') &&
          /"(?:result|error)":[\s\S]*\n\r?\n/.test(text)
        )
          finish();
      });
      incoming.on('end', finish);
    });
    outgoing.end(body);
  });
}
