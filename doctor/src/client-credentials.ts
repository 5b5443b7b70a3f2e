import { createTextCleaner } from './clean-text.ts';
import { type Answer, exchange } from './exchange.ts';
import { documentOf, metadataIn, metadataPaths } from './issuer.ts';
import { resolveTarget } from './target.ts';
import { TargetError } from './target-error.ts';

export interface ClientCredentials {
  /** The authorization server that the user named. The secret goes to no server that the endpoint names. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** URL of the endpoint, which the token is for (RFC 8707). */
  readonly resource: string;
  readonly scope?: string | undefined;
  /** PEM of the only authorities to trust. @default - the authorities of Node.js */
  readonly ca?: string | undefined;
}

const TIMEOUT_MS = 10_000;

/**
 * Gets a token with the client credentials grant (RFC 6749 §4.4) from the token endpoint in the metadata of the issuer.
 *
 * @throws TargetError if the metadata or the token cannot be read. The message contains no secret
 */
export async function fetchToken(options: ClientCredentials): Promise<string> {
  const { issuer, clientId, clientSecret, resource, scope, ca } = options;
  const endpoint = await findTokenEndpoint(issuer, ca);
  const form = new URLSearchParams({
    ...{ grant_type: 'client_credentials', resource },
    ...(scope === undefined ? {} : { scope }),
  });
  // RFC 6749 §2.3.1: both are form-encoded before they are joined.
  const pair = [clientId, clientSecret].map((text) => new URLSearchParams({ x: text }).toString().slice(2));
  const authorization = `Basic ${Buffer.from(pair.join(':')).toString('base64')}`;
  const answer = await ask(endpoint, ca, { body: form.toString(), authorization });
  const said = documentOf(answer);
  const token = said?.['access_token'];
  if (answer.status === 200 && typeof token === 'string' && token !== '') return token;
  const { clean } = createTextCleaner([clientSecret]);
  const why = typeof said?.['error'] === 'string' ? `, ${clean(said['error'], 100)}` : '';
  throw new TargetError('unreachable', `${endpoint.origin} gave no token (HTTP ${answer.status}${why})`);
}

async function findTokenEndpoint(issuer: string, ca: string | undefined): Promise<URL> {
  const { url } = await resolveTarget(issuer);
  for (const path of metadataPaths(url)) {
    const metadata = metadataIn(await ask(new URL(path, url), ca));
    if (metadata === undefined) continue;
    if (metadata['issuer'] !== issuer && metadata['issuer'] !== `${issuer}/`) {
      throw new TargetError(
        'unreachable',
        `the metadata of ${url.origin} is of another issuer (RFC 8414 §3.3)`,
      );
    }
    const endpoint = URL.parse(String(metadata['token_endpoint']));
    if (endpoint !== null) return endpoint;
    throw new TargetError('unreachable', `the metadata of ${url.origin} has no token_endpoint`);
  }
  throw new TargetError('unreachable', `${url.origin} has no metadata of an authorization server`);
}

async function ask(
  url: URL,
  ca: string | undefined,
  post?: { readonly body: string; readonly authorization: string },
): Promise<Answer> {
  const target = await resolveTarget(url.href);
  if (!target.secure && !target.loopback) {
    throw new TargetError('usage', `${url.origin} must be https: the client secret is sent there`);
  }
  return await exchange(
    { ...target, ca, verified: true },
    {
      method: post === undefined ? 'GET' : 'POST',
      path: target.path,
      headers: {
        ...{ host: url.host, accept: 'application/json', authorization: post?.authorization },
        'content-type': post === undefined ? undefined : 'application/x-www-form-urlencoded',
      },
      body: post?.body,
    },
    TIMEOUT_MS,
  );
}
