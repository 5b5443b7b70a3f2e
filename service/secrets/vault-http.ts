import { setTimeout as sleep } from 'node:timers/promises';
import { field } from '../json-field.ts';
import { ask } from '../outgoing/ask.ts';

export interface VaultRequest {
  readonly method: 'GET' | 'POST';
  /** Path below `/v1/`, its segments encoded. */
  readonly path: string;
  readonly token?: string;
  readonly body?: Readonly<Record<string, string>>;
}

export interface VaultAnswer {
  readonly status: number;
  /** The document of a 200. For a refusal the status is enough, and its text may be a proxy's page. */
  readonly json: unknown;
}

export interface VaultHttpOptions {
  /** `VAULT_ADDR`. */
  readonly address: string | undefined;
  /** `VAULT_NAMESPACE`; Enterprise and HCP only. */
  readonly namespace: string | undefined;
  /** Timeout of one request in milliseconds, including a retry. */
  readonly timeoutMs: number;
}

export type SendToVault = (request: VaultRequest) => Promise<VaultAnswer>;

const MAX_BYTES = 1024 * 1024;
const RETRY_AFTER_MS = 200;
const PASSING: Readonly<Record<number, string>> = {
  412: 'this node of Vault is behind',
  429: 'too many requests to Vault',
};
/** Characters that a header field can contain. */
export const HEADER_SAFE = /^[\x21-\x7e]{1,4096}$/;

/**
 * Sends requests to one Vault server, bounded in time and size, with a retry where it can help. Redirects are not
 * followed, because they could send the token to any host.
 *
 * @throws Error with a cause fit for a message, without text of the response
 */
export function createVaultHttp({ address, namespace, timeoutMs }: VaultHttpOptions): SendToVault {
  const base = baseUrl(address);
  if (namespace !== undefined && !HEADER_SAFE.test(namespace))
    throw new VaultFailure('VAULT_NAMESPACE is not usable');

  async function attempt(request: VaultRequest, signal: AbortSignal): Promise<VaultAnswer> {
    const { method, path, token, body } = request;
    const { status, text } = await ask(new URL(`${base}/v1/${path}`), {
      method,
      signal,
      maxBytes: MAX_BYTES,
      headers: {
        // Vault agents can require this header, which forged server-side requests cannot set.
        'X-Vault-Request': 'true',
        ...(namespace && { 'X-Vault-Namespace': namespace }),
        ...(token && { 'X-Vault-Token': token }),
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const passing = PASSING[status] ?? (status >= 500 ? 'Vault is down or sealed' : undefined);
    if (status >= 300 && status < 400) {
      throw new VaultFailure(
        `Vault answered with a redirect (${status}), which is not followed; set VAULT_ADDR to the active node`,
      );
    }
    if (passing !== undefined) throw new PassingFailure(`${passing} (${status})`);
    if (text === undefined) throw new VaultFailure(`Vault's response is longer than ${MAX_BYTES} bytes`);
    return { status, json: status === 200 ? parse(text) : undefined };
  }

  return async (request) => {
    const signal = AbortSignal.timeout(timeoutMs);
    for (let first = true; ; first = false) {
      try {
        return await attempt(request, signal);
      } catch (error) {
        if (signal.aborted) throw new VaultFailure(`Vault did not answer within ${timeoutMs} ms`);
        const failure = error instanceof VaultFailure ? error : unreachable(error);
        if (!first || !(failure instanceof PassingFailure)) throw failure;
        await sleep(RETRY_AFTER_MS);
      }
    }
  };
}

/** A failure in our own words; other errors here come from the connection. */
class VaultFailure extends Error {}

/** A failure that a retry may not meet. */
class PassingFailure extends VaultFailure {}

function unreachable(error: unknown): PassingFailure {
  const code = field(error, 'code');
  return new PassingFailure(
    `Vault cannot be reached (${typeof code === 'string' ? code : 'connection failed'})`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new VaultFailure('the response is not JSON; is VAULT_ADDR a Vault server?');
  }
}

function baseUrl(address: string | undefined): string {
  if (!address) throw new VaultFailure('VAULT_ADDR is not set');
  const url = URL.parse(address);
  const plain = url !== null && !url.username && !url.password && !url.search && !url.hash;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (!plain || !secure) {
    throw new VaultFailure('VAULT_ADDR must be https://HOST[:PORT], or http:// on loopback');
  }
  return url.href.replace(/\/+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
