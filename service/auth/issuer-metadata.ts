import * as z from 'zod';
import { cutText } from '../well-formed.ts';
import { fetchJson, IssuerError, issuerDeadline } from './fetch-json.ts';

/** The fields that are read from an issuer's metadata (RFC 8414 §2, OpenID Connect Discovery §3). */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string().optional(),
  token_endpoint: z.string().optional(),
  jwks_uri: z.string().optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
  /** Whether clients may be identified by the URL of their metadata (draft-ietf-oauth-client-id-metadata-document). */
  client_id_metadata_document_supported: z.boolean().optional(),
  /** Where clients register by themselves (RFC 7591). */
  registration_endpoint: z.string().optional(),
  /** Ways in which clients authenticate at the token endpoint; `none` is that of public clients. */
  token_endpoint_auth_methods_supported: z.array(z.string()).optional(),
  /** Protected resources that the issuer knows (RFC 9728 §4). */
  protected_resources: z.array(z.string()).optional(),
});

export type IssuerMetadata = z.output<typeof Metadata>;

/** URLs of an issuer's metadata, in the order in which MCP clients try them. */
export function metadataUrls(issuer: string): readonly URL[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const paths = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    `${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(paths)].map((each) => new URL(each, origin));
}

/**
 * Fetches the issuer's metadata from the first URL that has it. Metadata that names another issuer is never trusted
 * (RFC 8414 §3.3).
 *
 * @param deadline for all URLs together, see `issuerDeadline`
 * @throws IssuerError naming the URL and the problem there
 */
export async function fetchIssuerMetadata(
  issuer: string,
  deadline = issuerDeadline(),
): Promise<IssuerMetadata> {
  let first: IssuerError | undefined;
  for (const url of metadataUrls(issuer)) {
    try {
      return parse(await fetchJson(url, deadline), url, issuer);
    } catch (error) {
      // A host that does not respond will not respond at its other URLs either, so do not wait three times.
      if (!(error instanceof IssuerError) || !error.answered) throw error;
      // A misspelled issuer says more than the 404 at the next URL.
      if (first === undefined || /: status \d+$/.test(first.message)) first = error;
    }
  }
  throw first;
}

function parse(json: unknown, url: URL, issuer: string): IssuerMetadata {
  const parsed = Metadata.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new IssuerError(`${url.href}: not issuer metadata (${issue?.path.join('.') || 'no object'})`, {
      answered: true,
    });
  }
  if (parsed.data.issuer !== issuer) {
    const found = JSON.stringify(cutText(parsed.data.issuer, 200));
    throw new IssuerError(`${url.href}: the issuer there is ${found}, not ${JSON.stringify(issuer)}`, {
      answered: true,
    });
  }
  return parsed.data;
}

/**
 * Whether keys or codes may travel to and from this URL: HTTPS, or plain HTTP on loopback if the issuer itself is on
 * loopback, as on a developer's machine.
 */
export function isTrustworthy(url: string, issuer: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {};
  if (protocol === 'https:') return true;
  return protocol === 'http:' && issuer.startsWith('http:') && isLoopback(hostname ?? '');
}

export function isLoopback(hostname: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}
