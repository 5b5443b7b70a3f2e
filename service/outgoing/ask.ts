import { gather } from '../gather.ts';
import { VERSION } from '../version.ts';
import { openSocket } from './open.ts';
import { send } from './send.ts';
import { createWire } from './wire.ts';

export interface Question {
  /** @default GET */
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  /** @default - none */
  readonly body?: string | undefined;
  /** Largest response in bytes. */
  readonly maxBytes: number;
  /** Aborts the exchange at any point, with its reason. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** Body of a 200 as UTF-8, undefined when it exceeds `maxBytes`; other bodies are not read. */
  readonly text: string | undefined;
}

/**
 * One exchange with a server that the operator configured, on its own connection, with bounds on the bytes of the body
 * and on the wire, pieces, header fields and interim responses. Redirects are not followed.
 *
 * @throws an error with a `code`
 */
export async function ask(url: URL, question: Question): Promise<Answer> {
  const { method = 'GET', body, maxBytes, signal } = question;
  const wire = createWire(maxBytes);
  const socket = await openSocket(url, url.hostname.replace(/^\[|\]$/g, ''), { signal, wire });
  try {
    const headers = {
      host: url.host,
      'user-agent': `hardened-mcp/${VERSION}`,
      connection: 'close',
      ...question.headers,
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
    };
    const path = `${url.pathname}${url.search}`;
    const response = await send(socket, wire, { method, path, headers }, body);
    const { statusCode: status = 0 } = response;
    if (status !== 200) return { status, text: '' };
    const { bytes, truncated } = await gather(response, maxBytes);
    return { status, text: truncated ? undefined : bytes.toString('utf8') };
  } catch (error) {
    signal.throwIfAborted();
    throw wire.failure ?? error;
  } finally {
    socket.destroy();
  }
}
