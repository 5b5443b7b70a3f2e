import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { postToBundle } from '../service/support/deployed-bundle.ts';
import { leaks } from '../service/support/leaks.ts';
import { until } from '../service/support/until.ts';
import { type Deployment, deployDev } from './support/deployment.ts';
import { LEFT_OUT, type Part } from './support/emulated-template.ts';
import type { Emulator } from './support/emulator.ts';
import { type RunningTask, startTask } from './support/task.ts';

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deployDev();
}, 600_000);
afterAll(() => deployment?.stop(), 60_000);

/** The script moves AWSCURRENT, which the emulator ignores by default; AWS answers with the new version. */
async function showCurrentVersion(emulator: Emulator, SecretId: string): Promise<void> {
  const current = { SecretId, VersionStage: 'AWSCURRENT' };
  const { SecretString } = await emulator.json('secretsmanager', 'secretsmanager.GetSecretValue', current);
  const again = { SecretId, SecretString, ClientRequestToken: randomUUID() };
  await emulator.json('secretsmanager', 'secretsmanager.PutSecretValue', again);
}

function countByType(part: Part): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { Type } of Object.values<Part>(part.Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
  return counts;
}

describe('the stage dev, deployed by the CDK CLI to an emulator of AWS', () => {
  test('bootstraps the account, publishes image and code, and then executes the change set', () => {
    const { said, emulator } = deployment;
    expect(said.bootstrap).toMatch(/Environment .* bootstrapped/);
    const steps = [/success: Published Image\/Asset/, /creating CloudFormation changeset/, /✅ {2}Mcp-dev/];
    const at = steps.map((step) => said.deploy.search(step));
    expect(at).not.toContain(-1);
    expect(at).toEqual([...at].sort((a, b) => a - b));
    for (const code of ['ClientTokens', 'AuditCheck'])
      expect(said.deploy).toContain(`success: Published ${code}/Function/Code`);
    // The emulator reports a complete stack even after errors.
    expect(emulator.failures()).toEqual([]);
  });

  test('creates every resource, except those that the emulator does not support, which are listed', () => {
    const { whole, kept, made } = deployment;
    const counts = countByType(whole);
    const left = Object.entries(LEFT_OUT).map(([type, why]) => `| ${counts[type] ?? 0} | ${type} | ${why} |`);
    const all = Object.keys(whole.Resources).length;
    const ids = Object.keys(made).sort();
    process.stdout.write(`${ids.length} of ${all} resources were made. Left out:\n${left.join('\n')}\n`);
    expect(ids).toEqual(Object.keys(kept.Resources).sort());
    expect(ids.length).toBeGreaterThan(60);
  });

  test('pushes an image of several layers for the platform of its build', async () => {
    const { repository, tag } = deployment.image;
    const { architecture, layers } = await deployment.registry.image(repository, tag);
    expect(architecture).toBe(process.arch === 'x64' ? 'amd64' : process.arch);
    expect(layers).toBeGreaterThan(1);
  });

  test('a second deployment changes nothing', async () => {
    expect(await deployment.deploy()).toContain('(no changes)');
  }, 300_000);
});

describe('the deployed image, restricted as in its task definition, with the emulator’s APIs', () => {
  let task: RunningTask;
  let logs: CloudWatchLogsClient;
  let token: string;
  beforeAll(async () => {
    task = await startTask(deployment);
    const { url, variables } = deployment.emulator;
    logs = new CloudWatchLogsClient({
      endpoint: url,
      region: variables['AWS_REGION'] as string,
      credentials: { accessKeyId: 'testing', secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] as string },
    });
  }, 60_000);
  afterAll(async () => {
    logs?.destroy();
    await task?.stop();
  }, 60_000);

  let requests = 0;
  function post(bearer: string) {
    requests += 1;
    const headers = { host: 'mcp-dev.example.com', 'x-forwarded-for': '203.0.113.9' };
    return postToBundle(task.port, bearer, LIST, headers);
  }

  test('refuses every client while the list that the stack made has no token', async () => {
    expect((await post('some-token-0123456789-0123456789')).status).toBe(401);
  });

  test('reads a token that npm run tokens has made from Secrets Manager', async () => {
    const secret = deployment.output('TokensSecretArn');
    const { variables } = deployment.emulator;
    // Not startProcess, because standard output must contain the token, once.
    const make = ['--import', 'tsx', 'cli/tokens.ts', 'add', 'desk', '--secret', secret];
    const { status, stdout, stderr } = spawnSync(process.execPath, make, {
      env: variables,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('Token of desk') });
    token = stdout.trim();
    leaks.token(token);
    await showCurrentVersion(deployment.emulator, secret);
    // Within 5 s, with few enough requests for the limit of refused tokens.
    await until(async () => {
      await sleep(500);
      return (await post(token)).status === 200;
    }, task.process.stderr);
  }, 60_000);

  test('writes records to CloudWatch Logs whose chain the audit check, restricted alike, finds complete', async () => {
    for (let i = 0; i < 5; i++) expect((await post(token)).status).toBe(200);
    const lines = () =>
      task.process
        .stdout()
        .split('\n')
        .filter((line) => line.includes('"type":"audit"'));
    await until(() => lines().length >= requests);
    const logGroupName = deployment.output('AuditLogGroupName');

    /** In place of the log driver; old enough for the check, which skips recent records. */
    async function ship(logStreamName: string, messages: readonly string[]) {
      await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
      const begun = Date.now() - 10 * 60_000;
      const logEvents = messages.map((message, i) => ({ message, timestamp: begun + i }));
      await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
    }
    await ship('mcp/mcp/one', lines());
    expect(await task.checkAudit(logGroupName)).toEqual([
      expect.objectContaining({ event: 'audit_chain_checked', records: requests, broken: 0 }),
    ]);
    await ship(
      'mcp/mcp/two',
      lines().map((line) => line.replace('"clientId":"desk"', '"clientId":"ci"')),
    );
    expect(await task.checkAudit(logGroupName)).toEqual([
      expect.objectContaining({ event: 'audit_chain_broken', stream: 'mcp/mcp/two' }),
      expect.objectContaining({ event: 'audit_chain_checked', broken: 1 }),
    ]);
  }, 120_000);
});
