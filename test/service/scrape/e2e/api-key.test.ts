import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceBundle } from '../../../support/bundles.ts';
import { portOf, postToBundle, startBundle } from '../../support/deployed-bundle.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../../support/secrets-manager.ts';
import { callOf } from '../../support/start-app.ts';
import { entry } from '../../support/tokens.ts';

const TOKEN = 'deployed-token-0123456789-abcdefgh';

let store: SecretsManagerStandIn;
beforeAll(async () => {
  store = await startSecretsManager({
    'mcp/tokens': JSON.stringify({ tokens: [entry(TOKEN, 'ci', ['scrape'])] }),
    'mcp/audit': JSON.stringify({ key: randomBytes(32).toString('hex') }),
  });
});
afterAll(() => store.close());

/** The deployed program, which asks webscraping.ai for pages. */
function start(apiKey: string) {
  const variables = {
    HOST: '127.0.0.1',
    PORT: '0',
    MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
    MCP_AUTH_TOKENS: 'aws-secretsmanager:mcp/tokens',
    MCP_AUDIT_KEY: 'aws-secretsmanager:mcp/audit#key',
    SCRAPE_ALLOWED_DOMAINS: 'example.com',
    SCRAPE_ENGINE: 'webscraping-ai',
    SCRAPE_API_KEY: apiKey,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
  };
  return startBundle(variables, undefined, serviceBundle());
}

test('without a value of the upstream key it is healthy, responds 503 and reads the key again at every call', async () => {
  const waiting = start('aws-secretsmanager:mcp/api-key');
  try {
    const to = await portOf(waiting);
    await waiting.says(/"event":"api_key_missing".*ResourceNotFoundException/);
    expect((await postToBundle(to, TOKEN, { jsonrpc: '2.0', id: 1, method: 'tools/list' })).status).toBe(200);
    const call = callOf('scrape_url', { url: 'https://example.com/' });
    const before = store.reads();
    for (let i = 0; i < 2; i++) expect((await postToBundle(to, TOKEN, call)).status).toBe(503);
    expect(store.reads()).toBe(before + 2);
  } finally {
    waiting.child.kill('SIGTERM');
  }
  expect(await waiting.exited()).toBe(0);
});

test('a missing upstream key stops the start with one line that names the fix', async () => {
  const failing = start('env:NOPE');
  expect(await failing.exited()).toBe(1);
  expect(failing.stderr()).toContain('cannot read secret env:NOPE: it is empty or not a string');
});
