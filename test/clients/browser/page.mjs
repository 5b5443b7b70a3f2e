// Bundled into a page: both official SDKs in a browser, with its CORS checks.
import { Client } from 'mcp-sdk-1-29/client/index.js';
import { StreamableHTTPClientTransport } from 'mcp-sdk-1-29/client/streamableHttp.js';
import { play } from '../library/play.mjs';
import { connectWith } from '../library/sdk-v1.mjs';
import { connect } from '../library/sdk-v2.mjs';

const old = (situation) =>
  connectWith(new Client({ name: 'clients', version: '1.0.0' }), StreamableHTTPClientTransport, situation);
const situation = await (await fetch('/situation')).json();
const outcome = await play(situation, situation.package.startsWith('mcp-sdk-1') ? old : connect);
await fetch('/outcome', { method: 'POST', body: JSON.stringify(outcome) });
