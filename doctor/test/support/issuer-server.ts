import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from './sound-server.ts';

export interface IssuerOptions {
  /** Replaced members of the metadata. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** The status and the error of a registration. @default 401 */
  readonly registration?: readonly [status: number, error: string];
  /** Whether it publishes no metadata. */
  readonly isSilent?: boolean;
}

/** An authorization server that only publishes its metadata and refuses registrations. */
export async function startIssuer({
  metadata,
  registration = [401, 'invalid_token'],
  isSilent,
}: IssuerOptions) {
  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}`;
    if (request.url === '/register') return json(response, registration[0], { error: registration[1] });
    if (isSilent || request.url !== '/.well-known/openid-configuration') return json(response, 404, {});
    return json(response, 200, {
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
      code_challenge_methods_supported: ['S256'],
      ...metadata,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
