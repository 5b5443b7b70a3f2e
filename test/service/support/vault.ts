import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { leaks } from './leaks.ts';

export interface VaultStandIn {
  readonly url: string;
  /** Data of KV version 2 secrets by `mount/path`. */
  readonly secrets: Map<string, Record<string, unknown>>;
  /** Valid tokens. */
  readonly tokens: Set<string>;
  /** Every request so far: `GET v1/kv/data/app`. */
  readonly requests: string[];
  /** Headers of the last request. */
  headers(): IncomingMessage['headers'];
  /** Lease of tokens from a login, in seconds, and whether a renewal is granted. */
  lease: { seconds: number; renewable: boolean; renewals: boolean };
  /** Mount path of AppRole. */
  appRoleMount: string;
  /** Whether a token may look itself up, as Vault's default policy allows. */
  lookups: boolean;
  /** While set, handles every request itself. */
  hijack: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  close(): Promise<void>;
}

export const ROLE = { VAULT_ROLE_ID: 'role-1', VAULT_SECRET_ID: 'secret-id-hunter2' } as const;

/** Implements the part of Vault's HTTP API that reading KV version 2 needs: AppRole login, lookup, renewal, read. */
export async function startVault(secrets: Record<string, Record<string, unknown>>): Promise<VaultStandIn> {
  let headers: IncomingMessage['headers'] = {};
  let logins = 0;
  const server = createServer((request, response) => {
    headers = request.headers;
    vault.requests.push(`${request.method} ${request.url?.slice(1)}`);
    if (vault.hijack !== undefined) return vault.hijack(request, response);
    let text = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const [status, body] = answer(request, text);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });

  function answer(request: IncomingMessage, text: string): [number, object] {
    const path = decodeURIComponent(request.url ?? '').replace('/v1/', '');
    const token = String(request.headers['x-vault-token'] ?? '');
    leaks.token(token);
    const { seconds, renewable, renewals } = vault.lease;
    if (path === `auth/${vault.appRoleMount}/login`) {
      const body = JSON.parse(text);
      leaks.secret('secret id of Vault', body.secret_id);
      if (body.role_id !== ROLE.VAULT_ROLE_ID || body.secret_id !== ROLE.VAULT_SECRET_ID) {
        return [400, { errors: [`invalid role or secret ID ${body.secret_id}`] }];
      }
      logins += 1;
      vault.tokens.add(`hvs.login-${logins}`);
      return [200, { auth: { client_token: `hvs.login-${logins}`, lease_duration: seconds, renewable } }];
    }
    if (!vault.tokens.has(token)) return [403, { errors: [`permission denied for ${token}`] }];
    if (path === 'auth/token/lookup-self') {
      return vault.lookups ? [200, { data: { ttl: seconds, renewable } }] : [403, { errors: ['denied'] }];
    }
    if (path === 'auth/token/renew-self') {
      if (!renewals) return [400, { errors: ['lease is not renewable'] }];
      return [200, { auth: { client_token: token, lease_duration: seconds, renewable } }];
    }
    const data = vault.secrets.get(path.replace('/data/', '/'));
    if (path.startsWith('denied/')) return [403, { errors: ['1 error occurred: permission denied'] }];
    if (data === undefined) return [404, { errors: [] }];
    leaks.document('secret of Vault', JSON.stringify(data));
    return [200, { data: { data, metadata: { version: 1 } } }];
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const vault: VaultStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    secrets: new Map(Object.entries(secrets)),
    tokens: new Set(['hvs.given']),
    requests: [],
    headers: () => headers,
    lease: { seconds: 3600, renewable: true, renewals: true },
    appRoleMount: 'approle',
    lookups: true,
    hijack: undefined,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return vault;
}
