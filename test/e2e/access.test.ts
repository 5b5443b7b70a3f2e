import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { portOf, postToBundle } from '../service/support/deployed-bundle.ts';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';
import { entry } from '../service/support/tokens.ts';
import { programBundle, serviceBundle } from '../support/bundles.ts';

const ANN = 'token-of-ann-0123456789-abcdefgh';
const BEN = 'token-of-ben-0123456789-abcdefgh';
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const ARN = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:access-AbCdEf';

test('a user is cut off within 30 s of the command, without a restart, while another user goes on working', async () => {
  const store = await startSecretsManager({
    tokens: JSON.stringify({
      tokens: [
        { ...entry(ANN, 'connector', ['scrape']), userId: 'ann' },
        { ...entry(BEN, 'connector', ['scrape']), userId: 'ben' },
      ],
    }),
    audit: JSON.stringify({ key: randomBytes(32).toString('hex') }),
    [ARN]: NOTHING_DENIED,
  });
  const aws = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
  };
  const server = startProcess(process.execPath, [serviceBundle()], {
    ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' },
    MCP_AUTH_TOKENS: 'aws-secretsmanager:tokens',
    MCP_AUDIT_KEY: 'aws-secretsmanager:audit#key',
    MCP_ACCESS_LIST: `aws-secretsmanager:${ARN}`,
    ...aws,
  });
  const port = await portOf(server);
  const statusOf = async (token: string) => (await postToBundle(port, token, LIST)).status;
  expect([await statusOf(ANN), await statusOf(BEN)]).toEqual([200, 200]);

  const access = (...words: string[]) =>
    startProcess(process.execPath, [programBundle('access'), ...words, '--secret', ARN], aws).exited();
  expect(await access('deny', 'user', 'ann')).toBe(0);
  const denied = performance.now();
  const seen = { ann: 200, ben: new Set<number>() };
  while (seen.ann === 200 && performance.now() - denied < 60_000) {
    [seen.ann] = [await statusOf(ANN), seen.ben.add(await statusOf(BEN))];
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const seconds = (performance.now() - denied) / 1000;
  expect({ ann: seen.ann, ben: [...seen.ben] }).toEqual({ ann: 403, ben: [200] });
  expect(seconds).toBeLessThan(30);
  expect(server.child.exitCode).toBeNull();
  expect(server.stderr()).toContain('"event":"access_list_changed","users":1');
  server.child.kill('SIGKILL');
  await store.close();
}, 120_000);
