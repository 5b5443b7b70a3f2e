import * as z from 'zod';
import { cutText } from '../well-formed.ts';
import { fetchJson, IssuerError, issuerDeadline } from './fetch-json.ts';

/** What is read of an issuer's metadata (RFC 8414 §2, OpenID Connect Discovery §3). */
const Metadata = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string().optional(),
  token_endpoint: z.string().optional(),
  jwks_uri: z.string().optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
});

export type IssuerMetadata = z.output<typeof Metadata>;

/** The addresses at which an issuer's metadata may be, in the order in which MCP clients try them. */
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
 * The issuer's metadata from the first address that has it. A document of another issuer is never believed
 * (RFC 8414 §3.3).
 *
 * @param deadline for all addresses together, see `issuerDeadline`
 * @throws IssuerError naming the address and what is wrong there
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
      // A host that does not answer will not answer elsewhere either, and waiting thrice helps nobody.
      if (!(error instanceof IssuerError) || !error.answered) throw error;
      // An issuer that is misspelt says more than the 404 at the next address.
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
 * Whether keys or codes may travel to and from this URL: HTTPS, or plain HTTP between loopback addresses when the
 * issuer itself is one, as on a developer's machine.
 */
export function isTrustworthy(url: string, issuer: string): boolean {
  const { protocol, hostname } = URL.parse(url) ?? {};
  if (protocol === 'https:') return true;
  return protocol === 'http:' && issuer.startsWith('http:') && isLoopback(hostname ?? '');
}

export function isLoopback(hostname: string): boolean {
  return ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}
