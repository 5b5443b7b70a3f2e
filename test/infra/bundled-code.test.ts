import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib/core';
import { bundle as bundleFolder, type FunctionFolder } from '../../infra/constructs/function/bundled-code.ts';
import { McpStack } from '../../infra/stack.ts';
import { KEY, MINUTE, recordsOf, streamOf } from '../functions/audit-check/support/chains.ts';
import { LOG_GROUP, startCloudWatchLogs } from '../functions/audit-check/support/cloudwatch-logs.ts';
import { type SecretsManagerStandIn, startSecretsManager } from '../service/support/secrets-manager.ts';
import { startProcess } from '../service/support/start-process.ts';
import { stages } from './stages.ts';
import { cdkJson } from './synthesize.ts';

const FOLDERS: readonly FunctionFolder[] = ['rotation', 'audit-check'];

let folder: string;
let store: SecretsManagerStandIn;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-functions-'));
  store = await startSecretsManager({
    'Mcp-test/tokens': '{"tokens":[]}',
    'Mcp-test/clients/ci/token': 'no token yet',
  });
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await store.close();
});

const bundle = (name: string, of: FunctionFolder = 'rotation') => {
  bundleFolder(of, join(folder, name));
  return readFileSync(join(folder, name, 'index.js'), 'utf8');
};

describe('a function’s code', () => {
  test.each(FOLDERS)(
    'of %s is the same file at every synth, and knows nothing of the machine it was made on',
    (of) => {
      const text = bundle('first', of);
      expect(bundle('second', of)).toBe(text);
      expect(text).not.toContain(process.cwd());
    },
  );

  test('is what a synth puts into the assembly, by the hash of itself', () => {
    const assets = [1, 2].map(() => {
      const app = new App({ context: cdkJson.context, builtinCloudFormationValidation: false });
      new McpStack(app, 'Mcp-test', { config: stages.dev });
      const { directory } = app.synth();
      return readdirSync(directory)
        .filter(
          (name) => name.startsWith('asset.') && readdirSync(join(directory, name)).join() === 'index.js',
        )
        .map((asset) => ({ asset, text: readFileSync(join(directory, asset, 'index.js'), 'utf8') }));
    });
    expect(assets[0]).toEqual(assets[1]);
    const texts = assets[0]?.map(({ text }) => text);
    expect(texts?.sort()).toEqual(FOLDERS.map((of) => bundle('third', of)).sort());
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
      [...events.map(({ Step }) => Step), 'reconcile'].map((task) => `rotation_done ${task}`),
    );
    expect(JSON.parse(store.secrets.get('Mcp-test/tokens') ?? '').tokens).toMatchObject([
      { clientId: 'ci', scopes: ['scrape'], current: { versionId: ClientRequestToken } },
    ]);
    expect(store.secrets.get(name)).toMatch(/^[\w-]{43}$/);
  }, 90_000);

  test('checks the audit log alone in a process, and writes a broken chain to its output', async () => {
    bundle('check', 'audit-check');
    const KEY_ID = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:Mcp-test/audit-key-AbCdEf';
    store.secrets.set('Mcp-test/audit-key', KEY);
    const logs = await startCloudWatchLogs();
    logs.events = recordsOf(streamOf('a'), Date.now() - 15 * MINUTE, 9).toSpliced(4, 1);
    const lambda = startProcess(
      process.execPath,
      ['-e', 'require(process.argv[1]).handler({ source: "aws.events" })', join(folder, 'check', 'index.js')],
      {
        AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
        AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'testing',
        AWS_SECRET_ACCESS_KEY: 'testing',
        AUDIT_LOG_GROUP: LOG_GROUP,
        AUDIT_KEY_SECRET_ARN: KEY_ID,
      },
    );
    try {
      expect({ exit: await lambda.exited(60_000), stderr: lambda.stderr() }).toMatchObject({ exit: 0 });
    } finally {
      await logs.close();
    }
    const lines = lambda
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { type: 'log', event: 'audit_chain_broken', seq: 6, problem: 'the record before 6 is missing' },
      { type: 'log', event: 'audit_chain_checked', records: 8, streams: 1, broken: 1 },
    ]);
  }, 90_000);
});
