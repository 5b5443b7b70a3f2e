import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectV1, connectV2 } from '../../support/sdk-clients.ts';
import { callOf, modern, type RunningApp, startApp } from '../support/start-app.ts';
import { TOKENS } from '../support/tokens.ts';

const apps = new Map<string, RunningApp>();
const MINIMA = ['2025-06-18', '2025-11-25', '2026-07-28'];
beforeAll(async () => {
  for (const minimum of MINIMA) apps.set(minimum, await startApp({ minimumProtocolVersion: minimum }));
});
afterAll(async () => {
  for (const app of apps.values()) await app.stop();
});

const appOf = (minimum: string) => apps.get(minimum) as RunningApp;
const initialize = (protocolVersion: string) => ({
  ...{ jsonrpc: '2.0', id: 1, method: 'initialize' },
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' } },
});
const refusal = (supported: string[], requested: string, minimum: string) => ({
  code: -32_022,
  message: `Use a protocol version that this server supports: ${supported.join(', ')}; update the client to one that supports MCP ${minimum}`,
  data: { supported, requested },
});
const FROM_JUNE = ['2026-07-28', '2025-11-25', '2025-06-18'];

describe('a minimum protocol version', () => {
  test.each([
    ['2025-06-18', '2025-03-26', FROM_JUNE],
    ['2025-06-18', '2024-11-05', FROM_JUNE],
    ['2025-11-25', '2025-06-18', ['2026-07-28', '2025-11-25']],
    ['2026-07-28', '2025-11-25', ['2026-07-28']],
    ['2026-07-28', '2099-01-01', ['2026-07-28']],
  ])(
    'of %s refuses a handshake for %s, and says what the client needs',
    async (minimum, version, supported) => {
      for (const headers of [{}, { 'mcp-protocol-version': version }]) {
        const response = await appOf(minimum).post(initialize(version), headers);
        expect(response.status).toBe(400);
        const { error } = (await response.json()) as { error: unknown };
        expect(error).toEqual(refusal(supported, version, minimum));
      }
    },
  );

  test.each(MINIMA)('of %s refuses a message without a version, which is of 2025-03-26', async (minimum) => {
    const response = await appOf(minimum).post(callOf('echo'));
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { data: object } };
    expect(error.data).toMatchObject({ requested: '2025-03-26' });
  });

  test.each([
    ['2025-06-18', '2025-06-18', 200],
    ['2025-06-18', '2025-11-25', 200],
    ['2025-11-25', '2025-06-18', 400],
    ['2026-07-28', '2025-11-25', 400],
  ])('of %s answers a call of %s with %i', async (minimum, version, status) => {
    const headers = { 'mcp-protocol-version': version };
    expect((await appOf(minimum).post(callOf('echo'), headers)).status).toBe(status);
    expect((await appOf(minimum).post(initialize(version))).status).toBe(status);
  });

  test.each(MINIMA)('of %s accepts 2026-07-28', async (minimum) => {
    const { body, headers } = modern('tools/call', { name: 'echo', arguments: { text: 'hi' } });
    expect((await appOf(minimum).post(body, headers)).status).toBe(200);
  });

  test('offers no refused version to a client that names an unknown one', async () => {
    const response = await appOf('2025-11-25').post(callOf('echo'), { 'mcp-protocol-version': '2020-01-01' });
    const { error } = (await response.json()) as { error: { data: object } };
    expect(error.data).toEqual({ supported: ['2026-07-28', '2025-11-25'], requested: '2020-01-01' });
  });

  test('is in the audit record', async () => {
    const app = appOf('2026-07-28');
    const before = app.auditText().split('\n').length;
    await app.post(initialize('2025-11-25'));
    expect((await app.audit(before)).at(-1)).toMatchObject({
      ...{ protocolVersion: '2025-11-25', errorCode: 'unsupported_protocol_version', outcome: 'invalid' },
    });
  });
});

describe('with 2026-07-28 as the minimum, the official clients', () => {
  const advice = 'update the client to one that supports MCP 2026-07-28';
  const url = () => appOf('2026-07-28').url;

  test('of SDK v1 show what to update to', async () => {
    await expect(connectV1(url(), TOKENS.alice)).rejects.toThrow(advice);
  });

  test('of SDK v2 show it too, unless they negotiate the version: then they work', async () => {
    await expect(connectV2(url(), TOKENS.alice)).rejects.toThrow(advice);
    const client = await connectV2(url(), TOKENS.alice, 'auto');
    const { content } = await client.callTool({ name: 'echo', arguments: { text: 'hi' } });
    expect(content).toEqual([{ type: 'text', text: 'hi' }]);
    await client.close();
  });
});
