import { ask } from '../outgoing/ask.ts';

/** A problem at the issuer, in words an operator can act on. Contains no key and no part of a response body. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError';
  /** Whether the server responded at all. If so, another URL at the same server may have the document. */
  readonly answered: boolean;

  constructor(message: string, options: { answered?: boolean } = {}) {
    super(message);
    this.answered = options.answered ?? false;
  }
}

/** Far above real metadata and key sets (Entra's key set has about 16 KiB), far below a harmful size. */
const MAX_BYTES = 256 * 1024;
/** Timeout for one document, from the first packet to the last byte, in milliseconds. */
const TIMEOUT_MS = 3_000;
/** Timeout for all documents of one lookup at the issuer, in milliseconds. */
const ALL_TIMEOUT_MS = 5_000;

/** Deadline of an issuer lookup that starts now, in milliseconds of `performance.now()`. */
export function issuerDeadline(): number {
  return performance.now() + ALL_TIMEOUT_MS;
}

/**
 * Fetches the JSON document at a URL of the issuer. Redirects are refused: an attacker who can make the issuer's host
 * redirect must not choose which keys are trusted.
 *
 * @param deadline see `issuerDeadline`
 * @throws IssuerError
 */
export async function fetchJson(url: URL, deadline: number): Promise<unknown> {
  const timeoutMs = Math.max(1, Math.min(TIMEOUT_MS, Math.floor(deadline - performance.now())));
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { accept: 'application/json' };
  const { status, text } = await ask(url, { headers, maxBytes: MAX_BYTES, signal }).catch((error) => {
    throw new IssuerError(`${url.href}: ${signal.aborted ? `no answer in ${timeoutMs} ms` : codeOf(error)}`);
  });
  if (status !== 200) throw new IssuerError(`${url.href}: status ${status}`, { answered: true });
  if (text === undefined) {
    throw new IssuerError(`${url.href}: more than ${MAX_BYTES} bytes`, { answered: true });
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new IssuerError(`${url.href}: not JSON`, { answered: true });
  }
}

/** Such as ECONNREFUSED or CERT_HAS_EXPIRED. Not the message, which may contain details that must not be repeated. */
function codeOf({ code }: { code?: unknown }): string {
  return typeof code === 'string' ? code : 'the connection failed';
}
