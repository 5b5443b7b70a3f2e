import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { signIn } from './authorization-server.ts';

export const REDIRECT = 'http://127.0.0.1:9/callback';

const CLIENT_METADATA = {
  client_name: 'test',
  redirect_uris: [REDIRECT],
  application_type: 'native' as const,
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code'],
  response_types: ['code'],
};

type Fetch = typeof globalThis.fetch;

/** Registers a client, for which the issuer then allows more scopes than the client asks for first. */
export async function registerClient(
  issuer: string,
  fetch: Fetch = globalThis.fetch,
): Promise<{ readonly client_id: string }> {
  const response = await fetch(`${issuer}/reg`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(CLIENT_METADATA),
  });
  return (await response.json()) as { client_id: string };
}

/** The state of a desktop client during one sign-in. */
export interface Session {
  readonly provider: OAuthClientProvider;
  /** The URLs at which the person signs in. */
  readonly visited: URL[];
  /** The response of the token endpoint. */
  tokens(): Record<string, string>;
}

/**
 * A new session. No issuer is configured: the server names it.
 *
 * @param client that the issuer knows. @default - the client registers itself
 */
export function createSession(client?: unknown): Session {
  const visited: URL[] = [];
  let registration = client;
  let tokens: unknown;
  let discovered: unknown;
  let verifier = '';
  const provider = {
    redirectUrl: REDIRECT,
    clientMetadata: CLIENT_METADATA,
    clientInformation: () => registration,
    saveClientInformation: (information: unknown) => {
      registration = information;
    },
    tokens: () => tokens,
    saveTokens: (saved: unknown) => {
      tokens = saved;
    },
    redirectToAuthorization: (url: URL) => void visited.push(url),
    saveCodeVerifier: (text: string) => {
      verifier = text;
    },
    codeVerifier: () => verifier,
    discoveryState: () => discovered,
    saveDiscoveryState: (state: unknown) => {
      discovered = state;
    },
  } as unknown as OAuthClientProvider;
  return { provider, visited, tokens: () => tokens as Record<string, string> };
}

/** An official client with its transport, in the parts that the tests use of both SDKs. */
export interface Kind {
  readonly client: () => Pick<ModernClient, 'callTool' | 'close'> & {
    connect(transport: never): Promise<void>;
  };
  readonly transport: (
    provider: OAuthClientProvider,
    url: string,
    fetch?: Fetch,
  ) => { finishAuth(callback: string | URLSearchParams): Promise<void> };
  /** The parameters of the callback's query that the client needs: v2 also wants `iss` (RFC 9207). */
  readonly callback: (query: URLSearchParams) => string | URLSearchParams;
}

const IDENTITY = { name: 'test', version: '1.0.0' };

const modern = {
  transport: (authProvider, url, fetch) =>
    new ModernTransport(new URL(url), { authProvider, ...(fetch && { fetch }) }) as never,
  callback: (query) => query,
} satisfies Omit<Kind, 'client'>;

export const V1: Kind = {
  client: () => new OldClient(IDENTITY) as never,
  transport: (authProvider, url, fetch) =>
    new OldTransport(new URL(url), { authProvider: authProvider as never, ...(fetch && { fetch }) }) as never,
  callback: (query) => query.get('code') ?? '',
};
export const V2_HANDSHAKE: Kind = { ...modern, client: () => new ModernClient(IDENTITY) as never };
export const V2_PINNED: Kind = {
  ...modern,
  client: () => new ModernClient(IDENTITY, { versionNegotiation: { mode: { pin: '2026-07-28' } } }) as never,
};

/**
 * 401 → metadata → registration → authorization code with PKCE → token → connected.
 *
 * @param login of the person
 */
export async function connectBySignIn(
  kind: Kind,
  { provider, visited }: Session,
  url: string,
  { login, fetch }: { readonly login?: string; readonly fetch?: Fetch } = {},
) {
  const first = kind.transport(provider, url, fetch);
  const refused = await kind
    .client()
    .connect(first as never)
    .then(
      () => undefined,
      (error: Error) => error,
    );
  if (!/[Uu]nauthorized/.test(refused?.message ?? ''))
    throw refused ?? new Error('connected without a token');
  const callback = await signIn(visited.at(-1) as URL, REDIRECT, { login, fetch });
  await first.finishAuth(kind.callback(callback.searchParams));
  const client = kind.client();
  await client.connect(kind.transport(provider, url, fetch) as never);
  return client;
}
