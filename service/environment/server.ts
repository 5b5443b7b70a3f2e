import { oneOf, type Read, type Refuse, text, type Unchecked } from './variables.ts';

/** The MCP server behind this service. */
export interface ServerEnvironment {
  /** Its endpoint, http or https on loopback. */
  readonly url: URL;
  /**
   * `per-request`: every call has a session of its own. `shared`: all clients' calls use one session of the server.
   * @default per-request
   */
  readonly session: 'per-request' | 'shared';
}

/** Name of the file that pins what the server offers, in the folder in which the service starts. */
export const LOCK_FILE = 'tools.lock.json';

/**
 * Largest response of the server in bytes, a list among them. A call holds several copies of it for a moment, and the room
 * for concurrent calls counts with it (service/limits/concurrency-limits.ts). A tool of this service, which no other
 * program writes, may return 4 MiB.
 */
export const MAX_RESPONSE_BYTES = 1024 * 1024;

export const SERVER_VARIABLES = ['MCP_SERVER_URL', 'MCP_SERVER_SESSION'] as const;

type ServerVariable = (typeof SERVER_VARIABLES)[number];

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Without TLS and without a token, a server may only be reached inside the task or on the developer's machine. */
const serverUrl = text((value) => {
  const url = URL.parse(value);
  const plain = url !== null && !url.username && !url.password && !url.hash;
  if (!plain || !/^https?:$/.test(url.protocol) || !LOOPBACK.has(url.hostname)) {
    throw new Error('must be a loopback URL without credentials, such as http://127.0.0.1:8000/mcp');
  }
  return url;
});

/**
 * @param isGiven whether there is an `MCP_SERVER_URL`, be it valid or not
 * @returns undefined without it: this service then serves its own tools only
 */
export function readServer(
  read: Read<ServerVariable>,
  refuse: Refuse<ServerVariable>,
  isGiven: boolean,
): Unchecked<ServerEnvironment> | undefined {
  const url = read('MCP_SERVER_URL', serverUrl, undefined);
  refuse('MCP_SERVER_SESSION', !isGiven, 'needs MCP_SERVER_URL; set that or remove it');
  const session = read('MCP_SERVER_SESSION', oneOf('per-request', 'shared'), 'per-request');
  return url === undefined ? undefined : { url, session };
}
