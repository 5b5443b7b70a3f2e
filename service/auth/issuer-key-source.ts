import type { JWK } from 'jose';
import type { Logger } from '../logging/logger.ts';
import { fetchJson, IssuerError, issuerDeadline } from './fetch-json.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import { fetchIssuerMetadata, isTrustworthy } from './issuer-metadata.ts';
import { usableKeys } from './key-set.ts';

export interface KeySourceOptions {
  readonly issuer: string;
  /** URL of the keys. @default - `jwks_uri` of the issuer's metadata, looked up at every load because it may change */
  readonly jwksUrl?: URL | undefined;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** The keys of an issuer, from the configured URL or the one in its metadata. */
export function createKeysOfIssuer({ issuer, jwksUrl, now, logger }: KeySourceOptions): IssuerKeys {
  async function load(): Promise<JWK[]> {
    const deadline = issuerDeadline();
    const url = jwksUrl ?? (await findKeySet(issuer, deadline));
    return usableKeys(await fetchJson(url, deadline));
  }
  return createIssuerKeys({ load, now, logger });
}

async function findKeySet(issuer: string, deadline: number): Promise<URL> {
  const { jwks_uri: uri } = await fetchIssuerMetadata(issuer, deadline);
  if (uri === undefined) throw new IssuerError(`the metadata of ${issuer} has no jwks_uri`);
  if (!isTrustworthy(uri, issuer)) throw new IssuerError(`jwks_uri of ${issuer} is not an https URL`);
  return new URL(uri);
}
