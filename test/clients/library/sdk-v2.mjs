import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { connectWith } from './sdk-v1.mjs';

/** The official v2 SDK, which asks for the newest revision first. */
export function connect(situation) {
  const client = new Client({ name: 'clients', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  return connectWith(client, StreamableHTTPClientTransport, situation);
}
