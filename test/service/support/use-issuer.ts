import { afterAll, beforeAll } from '@jest/globals';
import {
  claimsOf,
  createSigningKey,
  type IssuerStandIn,
  type SigningKey,
  sign,
  startIssuer,
} from './issuer.ts';

export interface UsedIssuer {
  readonly url: string;
  /** @param claims changes to those of a valid token; `undefined` leaves one out @param typ member of its header. @default at+jwt */
  token(claims: Record<string, unknown>, typ?: string): Promise<string>;
  /** A token of a user of a client. */
  tokenOf(sub: string, client?: string): Promise<string>;
}

/** An issuer with one key, for all tests of a file. Call it where hooks may be declared. */
export function useIssuer(): UsedIssuer {
  let issuer: IssuerStandIn;
  let key: SigningKey;
  beforeAll(async () => {
    key = await createSigningKey('key');
    issuer = await startIssuer([key]);
  });
  afterAll(() => issuer.close());
  const token: UsedIssuer['token'] = (claims, typ = 'at+jwt') =>
    sign(key, claimsOf(issuer.url, claims), { typ });
  return {
    get url() {
      return issuer.url;
    },
    token,
    tokenOf: (sub, client = 'connector') => token({ client_id: client, sub }),
  };
}
