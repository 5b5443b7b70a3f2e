import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib/core';
import { bundleRotation } from '../../infra/lib/rotation-code.ts';
import { McpStack } from '../../infra/stack.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';
import { stages } from './stages.ts';
import { cdkJson } from './synthesize.ts';

let folder: string;
let store: SecretsManagerStandIn;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-rotation-'));
  store = await startSecretsManager({
    'Mcp-test/tokens': '{"tokens":[]}',
    'Mcp-test/clients/ci/token': 'no token yet',
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await store.close();
});

const bundle = (name: string) => {
  bundleRotation(join(folder, name));
  return readFileSync(join(folder, name, 'index.js'), 'utf8');
};

describe('the function’s code', () => {
  test('is the same file at every synth, and knows nothing of the machine it was made on', () => {
    const text = bundle('first');
    expect(bundle('second')).toBe(text);
    expect(text).not.toContain(process.cwd());
  });

  test('is what a synth puts into the assembly, by the hash of itself', () => {
    const assets = [1, 2].map(() => {
      const app = new App({ context: cdkJson.context, builtinCloudFormationValidation: false });
      new McpStack(app, 'Mcp-test', { config: stages.dev });
      const { directory } = app.synth();
      const [asset] = readdirSync(directory).filter(
        (name) => name.startsWith('asset.') && readdirSync(join(directory, name)).join() === 'index.js',
      );
      return { asset, text: readFileSync(join(directory, asset ?? '', 'index.js'), 'utf8') };
    });
    expect(assets[0]).toEqual(assets[1]);
    expect(assets[0]?.text).toBe(bundle('third'));
  });

  test('rotates alone in a process, with the environment and the events it has in AWS', async () => {
    bundle('alone');
    const name = 'Mcp-test/clients/ci/token';
    const ClientRequestToken = store.secrets.rotate(name);
    const SecretId = `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf`;
    const events = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((Step) => ({
      Step,
      SecretId,
      ClientRequestToken,
    }));
    const script = `
      const { handler } = require(process.argv[1]);
      (async () => { for (const event of JSON.parse(process.argv[2])) await handler(event); })();`;
    const lambda = startProcess(
      process.execPath,
      [
        '-e',
        script,
        join(folder, 'alone', 'index.js'),
        JSON.stringify([...events, { source: 'aws.events' }]),
      ],
      {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        TOKENS_SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:Mcp-test/tokens-AbCdEf',
        CLIENT_SECRET_PREFIX: 'Mcp-test/clients/',
        CLIENTS: '{"ci":{"scopes":["scrape"],"rotateEveryDays":30}}',
        GRACE_PERIOD_HOURS: '24',
      },
    );
    expect({ exit: await lambda.exited(60_000), stderr: lambda.stderr() }).toMatchObject({ exit: 0 });
    const lines = lambda
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ event, task }) => `${event} ${task}`)).toEqual(
      [...events.map(({ Step }) => Step), 'upkeep'].map((task) => `rotation_done ${task}`),
    );
    expect(JSON.parse(store.secrets.get('Mcp-test/tokens') ?? '').tokens).toMatchObject([
      { clientId: 'ci', scopes: ['scrape'], current: { versionId: ClientRequestToken } },
    ]);
    expect(store.secrets.get(name)).toMatch(/^[\w-]{43}$/);
  }, 90_000);
});
