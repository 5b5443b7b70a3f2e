import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CloudWatchLogsClient,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createAws } from '../../cli/acceptance/aws.ts';
import { CHECKS, run } from '../../cli/acceptance/run.ts';
import { stages } from '../infra/stages.ts';
import { postToBundle } from '../service/support/deployed-bundle.ts';
import { leaks } from '../service/support/leaks.ts';
import { until } from '../service/support/until.ts';
import { type Deployment, deployDev, type Update } from './support/deployment.ts';
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
    const make = [
      '--import',
      'tsx',
      'cli/tokens.ts',
      'add',
      'desk',
      '--scopes',
      'scrape',
      '--secret',
      secret,
    ];
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

describe('the acceptance run, as far as the emulator serves it', () => {
  test('reads the stack, and tells what it cannot', async () => {
    const { emulator, made } = deployment;
    const region = stages.dev.region;
    const { report } = await run({
      stage: { name: 'dev', stackName: 'Mcp-dev', region, partition: 'aws', config: stages.dev },
      aws: createAws({
        region,
        endpoint: emulator.url,
        credentials: { accessKeyId: 'testing', secretAccessKey: 'secret-access-key-of-the-tests' },
      }),
      time: { now: Date.now, pause: () => Promise.resolve() },
      token: undefined,
      doctor: [],
      checks: CHECKS.filter(({ name }) => ['drift', 'tasks', 'dns-log'].includes(name)),
    });
    expect(report.checks).toEqual([
      { name: 'stack', verdict: 'ok', detail: `CREATE_COMPLETE, ${Object.keys(made).length} resources` },
      // It has no drift detection, starts no task, and the types of the DNS firewall are left out.
      expect.objectContaining({ name: 'drift', verdict: 'could not tell' }),
      expect.objectContaining({ name: 'tasks', verdict: expect.not.stringMatching('ok') }),
      expect.objectContaining({ name: 'dns-log', verdict: 'ok', detail: 'this stage has no DNS firewall' }),
    ]);
  });
});

describe('the stack, updated with another limit of a client', () => {
  let update: Update;
  let failed: number;
  beforeAll(async () => {
    // It fails at the drift detection that the acceptance run asks for.
    failed = deployment.emulator.failures().length;
    update = await deployment.update();
  }, 300_000);

  test('differs in its task definition only, which the CLI says is replaced', () => {
    const changed = (template: Part) =>
      Object.entries<Part>(template.Resources).map(([id, resource]) => [id, JSON.stringify(resource)]);
    const before = new Map(changed(deployment.whole) as [string, string][]);
    const differing = changed(update.whole).filter(([id, text]) => before.get(`${id}`) !== text);
    expect(differing.map(([id]) => id)).toEqual([expect.stringMatching(/^TaskDefinition/)]);
    expect(Object.keys(update.whole.Resources)).toEqual([...before.keys()]);
    expect(update.diff.match(/^\[[~+-]\] AWS::.*$/gm)).toEqual([
      expect.stringMatching(/^\[~\] AWS::ECS::TaskDefinition .* replace$/),
    ]);
    expect(update.diff).toMatch(/MCP_CLIENT_LIMIT_PER_MINUTE"/);
  });

  test('keeps every other resource, and above all what holds data', () => {
    const { [taskDefinition()]: after, ...others } = update.made;
    const { [taskDefinition()]: before, ...same } = deployment.made;
    expect(others).toEqual(same);
    expect([before, after]).toEqual([expect.stringMatching(/:1$/), expect.stringMatching(/:2$/)]);
    expect(deployment.emulator.failures().slice(failed)).toEqual([]);
  });

  function taskDefinition(): string {
    return Object.keys(deployment.made).find((id) => id.startsWith('TaskDefinition')) ?? '';
  }
});

describe('the stack, destroyed', () => {
  let said: string;
  beforeAll(async () => {
    said = await deployment.destroy();
  }, 300_000);

  test('goes as far as the emulator does, which cannot delete roles with policies and its VPC', () => {
    expect(said).toContain('Mcp-dev: destroying');
    expect(said).toMatch(/must detach all policies first|has dependencies and cannot be deleted/);
  });

  /** Those of a type that the template keeps, and all that are left. */
  function leftOf(type: string, exists: (id: string) => boolean) {
    const { kept, made } = deployment;
    const all = Object.entries<Part>(kept.Resources).filter(([, { Type }]) => Type === type);
    const retained = all.filter(([, { DeletionPolicy }]) => DeletionPolicy === 'Retain').map(([id]) => id);
    const left = all.map(([id]) => id).filter((id) => exists(made[id] ?? ''));
    return { all: all.length, retained, left };
  }

  test('keeps the audit log, the access logs and their key, and no other log, bucket or key', async () => {
    const { emulator } = deployment;
    const groups = await emulator.json('logs', 'Logs_20140328.DescribeLogGroups', {});
    const names = (groups['logGroups'] as Part[]).map(({ logGroupName }) => logGroupName);
    const logs = leftOf('AWS::Logs::LogGroup', (name) => names.includes(name));
    const buckets = await emulator.xml('s3', '/');
    const stores = leftOf('AWS::S3::Bucket', (name) => buckets.includes(`<Name>${name}<`));
    const { Keys } = await emulator.json('kms', 'TrentService.ListKeys', {});
    const keyIds = (Keys as Part[]).map(({ KeyId }) => KeyId);
    const keys = leftOf('AWS::KMS::Key', (id) => keyIds.includes(id));
    for (const { left, retained } of [logs, stores, keys]) expect(left.sort()).toEqual(retained.sort());
    process.stdout.write(`Left: ${[logs, stores, keys].flatMap(({ left }) => left).join(', ')}\n`);
    expect(keys.all).toBeGreaterThan(keys.retained.length);
  });
});
