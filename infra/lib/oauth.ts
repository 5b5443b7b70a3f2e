import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { PRINTABLE, URL_TEXT } from '../../service/environment/bounds.ts';
import { OptionError } from './option-error.ts';
import { judged, text } from './option-types.ts';

const HTTPS = 'an https URL without credentials';
const PRINTABLE_RULE = '1 to 512 printable ASCII characters without blanks and quotes';

/** The issuer whose tokens grant access. The rules are the same as the service's; a contract test compares them. */
export const oauthOptions = z.strictObject({
  issuer: judged(
    (value) => isHttpsUrl(value) && !/[?#]/.test(value),
    `${HTTPS}, query and fragment`,
  ).describe(
    "The issuer's exact identifier, including a trailing slash: an https URL without credentials, query and " +
      'fragment, at most 512 characters.',
  ),
  audience: text(PRINTABLE, `one audience: ${PRINTABLE_RULE}`).optional().meta({
    description: 'Audience that `aud` of a token must contain.',
    absent: 'the URL of the endpoint, `https://DOMAIN/mcp`, which MCP clients ask for (RFC 8707)',
  }),
  jwksUrl: judged(isHttpsUrl, HTTPS)
    .optional()
    .meta({
      description:
        "The URL of the issuer's keys. The DNS firewall allows its host; it does not know the host of a `jwks_uri` on " +
        "another host than the issuer's, so set this or `dnsFirewall.additionalDomains` then.",
      absent: "`jwks_uri` of the issuer's metadata",
    }),
  scopePrefix: text(PRINTABLE, `the text before a scope: ${PRINTABLE_RULE}`)
    .optional()
    .meta({
      description:
        'The text that clients must write before a scope when they ask for it, for an issuer that does not know its short ' +
        "name: `api://CLIENT_ID/` at Entra ID, the resource server's identifier and a slash at Cognito.",
      absent: 'nothing',
    }),
});

export type OAuthOptions = z.output<typeof oauthOptions>;

export interface WayToIssuer {
  readonly egress: 'nat' | 'endpoints';
  /** Hosts that tasks reach through VPC endpoints, in the syntax of DNS Firewall. */
  readonly endpointHosts: readonly string[];
  /** An existing VPC: the targets of its endpoints are not known here. */
  readonly vpc?: object | undefined;
}

/**
 * Fails when tasks could not fetch the issuer's keys, so that every request would get 503: without an internet route
 * tasks only reach services with an interface endpoint.
 */
export function assertKeysReachable(oauth: OAuthOptions, network: WayToIssuer, region: string): void {
  if (network.egress !== 'endpoints' || network.vpc !== undefined) return;
  const [option, url] = oauth.jwksUrl ? ['jwksUrl', oauth.jwksUrl] : ['issuer', oauth.issuer];
  const { hostname = '' } = URL.parse(url) ?? {};
  const aws = `${region}.${RegionInfo.get(region).domainSuffix}`;
  const why = (rule: string) => new OptionError(`task.oauth.${option} ${rule}, got ${JSON.stringify(url)}`);
  if (hostname === `cognito-idp.${aws}`) {
    throw why(
      "must not be Cognito's with network.egress endpoints: a user pool with a domain, which sign-in needs, cannot be reached by PrivateLink; set network.egress to nat",
    );
  }
  const reached = network.endpointHosts.some((host) =>
    host.startsWith('*') ? hostname.endsWith(host.slice(1)) : hostname === host,
  );
  if (!reached) {
    throw why(
      'must be reachable without an internet route: set network.egress to nat, or keep the keys at an AWS service that network.endpoints names, such as execute-api for a private API',
    );
  }
}

function isHttpsUrl(value: string): boolean {
  const url = URL.parse(value);
  const plain = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return plain && URL_TEXT.test(value);
}
