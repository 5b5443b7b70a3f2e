import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';
import { privateKeyIsSecret } from './issuer.ts';

export interface AuthorizationServer {
  readonly issuer: string;
  close(): Promise<void>;
}

/**
 * A real authorization server on loopback: OpenID-certified `oidc-provider` with PKCE, dynamic registration,
 * resource indicators and JWT access tokens. Its development pages accept any user.
 *
 * @param scopes that clients may ask for, for any resource
 * @param tls the certificate of localhost. @default - plain HTTP
 */
export async function startAuthorizationServer(
  scopes: readonly string[],
  tls?: { readonly cert: string; readonly key: string },
): Promise<AuthorizationServer> {
  const server = tls === undefined ? createServer() : createTlsServer(tls);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = tls === undefined ? 'http://127.0.0.1' : 'https://localhost';
  const issuer = `${origin}:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  await privateKeyIsSecret(privateKey);
  const key = { ...(await exportJWK(privateKey)), kid: 'provider', alg: 'RS256', use: 'sig' };
  const provider = new Provider(issuer, {
    jwks: { keys: [key] },
    scopes: ['openid', ...scopes],
    cookies: { keys: ['cookie-key-of-the-tests'] },
    ttl: { AccessToken: 600, IdToken: 600, Interaction: 600, Session: 600, Grant: 600 },
    pkce: { required: () => true },
    findAccount: (_context: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: scopes.join(' '),
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Replaces a browser and its user: follows redirects, keeps cookies, fills in the forms.
 *
 * @param login of the user. @default alice
 * @returns the final callback URL, with the code in its query
 */
export async function signIn(
  authorizationUrl: URL,
  redirectUrl: string,
  {
    login = 'alice',
    fetch = globalThis.fetch,
  }: { readonly login?: string | undefined; readonly fetch?: typeof globalThis.fetch | undefined } = {},
): Promise<URL> {
  const cookies = new Map<string, string>();
  let next: { url: URL; form?: URLSearchParams } = { url: authorizationUrl };
  for (let steps = 0; steps < 20; steps++) {
    if (next.url.href.startsWith(redirectUrl)) return next.url;
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response: Response = await fetch(next.url, {
      redirect: 'manual',
      headers: { cookie },
      ...(next.form === undefined ? {} : { method: 'POST', body: next.form }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) next = { url: new URL(location, next.url) };
    else next = formOf(await response.text(), next.url, login);
  }
  throw new Error(`not signed in after 20 steps: ${next.url.href}`);
}

function formOf(html: string, base: URL, login: string): { url: URL; form: URLSearchParams } {
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1];
  if (action === undefined) throw new Error(`a page without a form: ${html.slice(0, 2000)}`);
  const form = new URLSearchParams();
  for (const [, name = '', value = ''] of html.matchAll(
    /<input type="hidden" name="([^"]+)" value="([^"]*)"/g,
  )) {
    form.set(name, value);
  }
  if (html.includes('name="login"')) {
    form.set('login', login);
    form.set('password', 'any');
  }
  return { url: new URL(action, base), form };
}
