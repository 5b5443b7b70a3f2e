import type { Answer } from './exchange.ts';
import type { Sender } from './sender.ts';

/** The authorization server that the user named. No other host than the endpoint's and this one gets a request. */
export interface Issuer {
  readonly url: URL;
  /** The URL as the user wrote it. */
  readonly named: string;
  readonly sender: Sender;
}

/** The places of the metadata by RFC 8414 §3.1 and OpenID Connect Discovery §4, in the order of the specification. */
export function metadataPaths({ pathname }: URL): readonly string[] {
  const path = pathname.replace(/\/$/, '');
  return [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    ...(path === '' ? [] : [`${path}/.well-known/openid-configuration`]),
  ];
}

/** The JSON object in a response that is no message of the protocol. */
export function documentOf({ messages }: Answer): Readonly<Record<string, unknown>> | undefined {
  const [document]: readonly object[] = messages;
  return document as Readonly<Record<string, unknown>> | undefined;
}

/** The metadata document in a response. A page for every path is none. */
export function metadataIn(answer: Answer): Readonly<Record<string, unknown>> | undefined {
  const document = documentOf(answer);
  return answer.status === 200 && document !== undefined && 'issuer' in document ? document : undefined;
}
