import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const IDENTITY = { name: 'test', version: '1.0.0' };

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

const optionsOf = (token: string, fetch?: Fetch) => ({
  requestInit: { headers: { Authorization: `Bearer ${token}` } },
  ...(fetch && { fetch }),
});

/** Connects a client of the v1 SDK, which speaks 2025-11-25. */
export async function connectV1(url: string | URL, token: string, fetch?: Fetch): Promise<OldClient> {
  const client = new OldClient(IDENTITY);
  await client.connect(new OldTransport(new URL(url), optionsOf(token, fetch)) as never);
  return client;
}

/** Connects a client of the v2 SDK. @param mode its version negotiation. @default - the SDK's: a handshake */
export async function connectV2(
  url: string | URL,
  token: string,
  mode?: 'auto' | { pin: string },
  fetch?: Fetch,
): Promise<ModernClient> {
  const client = new ModernClient(IDENTITY, mode === undefined ? {} : { versionNegotiation: { mode } });
  await client.connect(new ModernTransport(new URL(url), optionsOf(token, fetch)));
  return client;
}

export const PINNED = { pin: '2026-07-28' };
