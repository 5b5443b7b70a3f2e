import { ask } from '../outgoing/ask.ts';

/** What is wrong at the issuer, in words an operator can act on. Holds no key and nothing of an answer's body. */
export class IssuerError extends Error {
  override readonly name = 'IssuerError';
  /** Whether the server answered, whatever it was: then another address of it may have what was asked for. */
  readonly answered: boolean;

  constructor(message: string, options: { answered?: boolean } = {}) {
    super(message);
    this.answered = options.answered ?? false;
  }
}

/** Far above any real metadata or key set, far below what hurts: Entra's key set has about 16 KiB. */
const MAX_BYTES = 256 * 1024;
/** For one document from the first packet to the last byte, in milliseconds. */
const TIMEOUT_MS = 3_000;
/** For all documents that one question to the issuer takes, in milliseconds. */
const ALL_TIMEOUT_MS = 5_000;

/** When a question to the issuer that begins now must be answered, in milliseconds of `performance.now()`. */
export function issuerDeadline(): number {
  return performance.now() + ALL_TIMEOUT_MS;
}

/**
 * The JSON document at a URL of the issuer. Redirects are refused: whoever can make the issuer's host redirect must
 * not choose whose keys are believed.
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

/** ECONNREFUSED, CERT_HAS_EXPIRED, ENOTFOUND, …; the text of an error may say more than may be repeated. */
function codeOf({ code }: { code?: unknown }): string {
  return typeof code === 'string' ? code : 'the connection failed';
}
