import { copyFileSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { nodeOptions, portOf, postToBundle } from '../service/support/deployed-bundle.ts';
import { startProcess } from '../service/support/start-process.ts';
import { entry } from '../service/support/tokens.ts';
import { serviceBundle } from '../support/bundles.ts';

const TOKEN = 'deployed-token-0123456789-abcdefgh';

describe('tools.lock.json of a deployed service', () => {
  let folder: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'mcp-image-')));
    copyFileSync(serviceBundle(), join(folder, 'main.cjs'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** As the image does, with a server behind it that nothing answers for. */
  function start() {
    const options = nodeOptions.map((option) => option.replace(`${process.cwd()}/dist/`, `${folder}/`));
    return startProcess(process.execPath, [...options, join(folder, 'main.cjs')], {
      HOST: '127.0.0.1',
      PORT: '0',
      MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
      MCP_AUTH_TOKENS: 'env:TOKENS',
      MCP_AUDIT_KEY: 'env:AUDIT_KEY',
      MCP_SERVER_URL: 'http://127.0.0.1:9/mcp',
      TOKENS: JSON.stringify({ tokens: [entry(TOKEN, 'ci', ['look_up'])] }),
      AUDIT_KEY: 'k'.repeat(32),
    });
  }

  test('is the file beside the program, whatever the working directory is', async () => {
    copyFileSync('test/infra/fork-files/tools.lock.json', join(folder, 'tools.lock.json'));
    const service = start();
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const { text } = await postToBundle(await portOf(service), TOKEN, list, {
      'mcp-protocol-version': '2025-11-25',
    });
    expect(JSON.parse(text).result.tools).toMatchObject([{ name: 'look_up' }]);
    service.child.kill('SIGKILL');
  });

  test.each([
    ['is missing', undefined, 'MCP_SERVER_URL needs tools.lock.json'],
    ['is empty, as in an image built without one', '', 'MCP_SERVER_URL needs tools.lock.json'],
    ['is not valid', '{"tools":[{}]}', 'tools.lock.json is not valid'],
  ])('stops the start when it %s', async (_how, text, message) => {
    rmSync(join(folder, 'tools.lock.json'), { force: true });
    if (text !== undefined) writeFileSync(join(folder, 'tools.lock.json'), text);
    const service = start();
    expect(await service.exited()).toBe(1);
    expect(service.stderr()).toContain(message);
  });
});
