import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { createSearch, needlesOf } from './leak-search.ts';

/** Output that one check keeps; more output is a finding, not a blind spot. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Claims that state the client, its issuer and its access: audit records and metadata contain them on purpose. */
const CLIENT_CLAIMS = ['azp', 'client_id', 'cid', 'appid'];
const USER_CLAIMS = ['sub', 'oid', 'uid'];
const ACCESS_CLAIMS = [
  'iss',
  'aud',
  'resource',
  'scope',
  'scp',
  'roles',
  'permissions',
  'typ',
  'token_use',
  'gty',
];
/** Members of a token list that audit records contain on purpose. */
const PUBLIC_MEMBERS = ['clientId', 'userId', 'scopes', 'expiresAt'];

interface Output {
  readonly where: string;
  read(): string | Buffer | Promise<string>;
  /** Ends the writer, so that its last output is read too. */
  end?(): Promise<unknown>;
}

/** The output of tests, and the texts that it must not contain. */
export interface LeakCheck {
  /** A text that may appear nowhere. A text of fewer than 8 characters is not searched for. */
  secret(kind: string, text: string): void;
  /** A document of secrets: every text in it, if it is JSON. */
  document(kind: string, text: string): void;
  /** A bearer token; of a JWT also each secret part, and those claims that are not public on purpose. */
  token(token: string): void;
  output(output: Output): void;
  /** A listener that learns arriving tokens, and keeps everything that is sent on their connections. */
  watch(where: string, listener: RequestListener): RequestListener;
  /** Ends running writers and searches everything. @returns the position and kind of each secret, never the secret */
  findings(): Promise<string[]>;
}

export function createLeakCheck(): LeakCheck {
  const secrets = new Map<string, string>();
  const outputs: Output[] = [];
  let kept = 0;

  const check: LeakCheck = {
    secret(kind, text) {
      if (!secrets.has(text)) secrets.set(text, kind);
    },
    document(kind, text) {
      const document = parseJson(text);
      if (typeof document !== 'object') check.secret(kind, text);
      for (const [name, leaf] of leavesOf(document)) {
        if (!PUBLIC_MEMBERS.includes(name)) check.secret(kind, leaf);
      }
    },
    token(token) {
      if (secrets.has(token)) return;
      check.secret('token', token);
      const [, payload, signature] = token.split('.');
      if (payload === undefined || signature === undefined) return;
      check.secret('payload of a token', payload);
      check.secret('signature of a token', signature);
      const claims = leavesOf(parseJson(Buffer.from(payload, 'base64url').toString()));
      const open = [...ACCESS_CLAIMS, ...CLIENT_CLAIMS];
      for (const [name, leaf] of claims) {
        // Audit records contain the identifier of a user, but never an address.
        if (open.includes(name) || (USER_CLAIMS.includes(name) && !leaf.includes('@'))) continue;
        check.secret(`claim ${name}`, leaf);
      }
    },
    output(output) {
      outputs.push(output);
    },
    watch(where, listener) {
      const chunks: Buffer[] = [];
      const sockets = new WeakSet<Socket>();
      check.output({ where, read: () => Buffer.concat(chunks) });
      return (request, response) => {
        for (const credentials of credentialsOf(request)) check.token(credentials);
        if (!sockets.has(request.socket)) {
          sockets.add(request.socket);
          // All data that Node sends on a connection passes here: status line, header fields and body.
          onWrite(request.socket, (chunk) => {
            kept += chunk.length;
            if (kept <= MAX_BYTES) chunks.push(chunk);
          });
        }
        listener(request, response);
      };
    },
    async findings() {
      await Promise.all(outputs.map((output) => output.end?.()));
      const search = createSearch([...secrets].flatMap(([text, kind]) => needlesOf(kind, text)));
      const found = kept > MAX_BYTES ? [`more than ${MAX_BYTES} bytes were sent, too many to search`] : [];
      for (const { where, read } of outputs) {
        const told = new Set<string>();
        for (const { needle, line, begins } of search(Buffer.from(await read()))) {
          const { kind, form } = needle;
          if (!told.has(`${line} ${kind}`))
            found.push(`${where}: ${kind} (${form}) in line ${line}, ${begins}…`);
          told.add(`${line} ${kind}`);
        }
      }
      return found;
    },
  };
  return check;
}

/** Secrets and output of the tests of one file; checked after the last of them (leak-check.ts). */
export const leaks = createLeakCheck();

function credentialsOf(request: IncomingMessage): string[] {
  const values = request.headersDistinct['authorization'] ?? [];
  return values.map((value) => value.replace(/^[A-Za-z]+ +/, ''));
}

function onWrite(socket: Socket, listener: (chunk: Buffer) => void): void {
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean;
  socket.write = (chunk: string | Uint8Array, ...more: unknown[]) => {
    const [encoding] = more;
    listener(
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
        : Buffer.from(chunk),
    );
    return write(chunk, ...more);
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Texts in a JSON value, each with the name of its member, or of the list that contains it. */
function leavesOf(value: unknown, name = ''): [name: string, leaf: string][] {
  if (typeof value === 'string') return [[name, value]];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => leavesOf(item, name));
  return Object.entries(value).flatMap(([member, item]) => leavesOf(item, member));
}
