import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { policyOf } from '../../../cli/acceptance/policy.ts';
import { exitStatus, publicReport, textOf } from '../../../cli/acceptance/report.ts';
import { stages } from '../../../infra/config.ts';
import { type StageConfig, stackNameOf } from '../../../infra/stage-config.ts';
import { type RunningApp, startApp } from '../../service/support/start-app.ts';
import { startProcess } from '../../service/support/start-process.ts';
import { entry } from '../../service/support/tokens.ts';
import { tool } from '../../service/support/tools.ts';
import { accept, checkOf, doctorPrinting, type Options, STAGE } from './support/accept.ts';
import { type Account, AwsError, CLIENT_SECRET, createAccount } from './support/account.ts';
import { type AwsStandIn, startAws } from './support/aws-stand-in.ts';

let aws: AwsStandIn;
let server: RunningApp;
let account: Account;
let scraped: string[] = [];
beforeAll(async () => {
  aws = await startAws(createAccount());
  const url = z.strictObject({ url: z.string() });
  const scrape = tool(
    'scrape_url',
    async (input, { client: { id: clientId } }) => {
      scraped.push(String(Object.values(input)[0]));
      return { text: 'page', structured: { text: 'page', clientId } };
    },
    { input: url },
  );
  server = await startApp({
    tools: [scrape],
    // The service reads what the rotation writes.
    tokenDocument: async () => {
      const token = account.secrets.get(CLIENT_SECRET) ?? '';
      return JSON.stringify({ tokens: account.listed ? [entry(token, 'agent', ['scrape', 'echo'])] : [] });
    },
  });
});
afterAll(async () => {
  await server.stop();
  await aws.close();
});
beforeEach(() => {
  account = createAccount();
  account.stack.outputs.Url = server.url;
  aws.account = account;
  scraped = [];
});

const check = (name: string, options?: Options) => checkOf(aws.url, name, options);

describe('an internal stage', () => {
  const stage = { ...STAGE, config: { ...STAGE.config, edge: { scheme: 'internal' } } } as const;

  test.each(['doctor', 'rotation', 'dns-log'])(
    'that is not reached from here: %s could not tell',
    async (name) => {
      const before = account.secrets.get(CLIENT_SECRET);
      account.stack.outputs.Url = 'https://mcp.internal.invalid/mcp';
      expect(await check(name, { stage })).toMatchObject({
        verdict: 'could not tell',
        detail: expect.stringMatching(/^the load balancer is internal, and not reached from here \(E\w+\)$/),
        fix: expect.stringContaining('docs/deploy.md, A private server'),
      });
      expect(account.secrets.get(CLIENT_SECRET)).toBe(before);
    },
  );

  test('that is reached is checked as any other', async () => {
    expect(await check('rotation', { stage })).toMatchObject({ verdict: 'ok' });
  });

  test('with blocked names in its log fails without a call', async () => {
    account.stack.outputs.Url = 'https://mcp.internal.invalid/mcp';
    account.queries = [
      { query_name: 'guardduty-data.us-east-1.amazonaws.com.', firewall_rule_action: 'BLOCK' },
    ];
    expect(await check('dns-log', { stage })).toMatchObject({ verdict: 'failed' });
  });
});

describe('a stage that holds', () => {
  test('passes every check, with a report that names nothing of its owner', async () => {
    const { report, redact } = await accept(aws.url);
    const text = textOf(publicReport(report, redact)).replace(/^Hardened MCP .*\n/, '');
    expect(text).toBe(
      [
        'ok              stack: CREATE_COMPLETE, 11 resources',
        'ok              drift: 2 resources are as in the template; CloudFormation compares 9 others not at all',
        'ok              tasks: 2 running, each with the image of the template',
        "ok              healthy-hosts: 2 tasks are healthy, and the alarm's metric counts 2",
        'ok              doctor: 1 of its checks passed, 0 do not apply',
        'ok              rotation: the tokens of 1 clients were rotated, and the new ones work',
        'ok              dns-log: no name was blocked in 24 hours (1 queries), a scraped page included',
        'ok              audit-check: 42 records of twelve minutes, every chain whole',
        'ok              alarms: 2 alarms published to their topics, and are as before',
        '9 ok, 0 failed, 0 could not tell',
        '',
      ].join('\n'),
    );
    expect(exitStatus(report)).toBe(0);
    expect(scraped).toEqual(['https://www.acme.example/']);
  });

  test('needs no right that --policy does not print', async () => {
    aws.actions.clear();
    await accept(aws.url);
    // The client's own right comes from the policy of its secret.
    const used = [...aws.actions].filter((action) => action !== 'secretsmanager:GetSecretValue');
    const granted = policyOf(STAGE).Statement.flatMap(({ Action }) => Action);
    expect(used.length).toBeGreaterThan(15);
    expect(used.filter((action) => !granted.includes(action))).toEqual([]);
  });
});

describe('rotation', () => {
  test('that does not end fails', async () => {
    account.rotate = () => {};
    expect(await check('rotation')).toMatchObject({
      verdict: 'failed',
      lines: ['agent: the new version is not current after 5 minutes'],
      fix: expect.stringContaining('RotationFunctionName'),
    });
  });

  test('whose token the service does not accept fails', async () => {
    account.listed = false;
    expect(await check('rotation')).toMatchObject({
      verdict: 'failed',
      lines: [expect.stringMatching(/^agent: the new token does not work: /)],
    });
  });

  test('that keeps the token fails', async () => {
    account.rotate = (SecretId, ClientRequestToken) => {
      const SecretString = account.secrets.get(SecretId);
      account.secrets.putSecretValue({
        SecretId,
        ClientRequestToken,
        SecretString,
        VersionStages: ['AWSCURRENT'],
      });
    };
    expect(await check('rotation')).toMatchObject({
      verdict: 'failed',
      lines: ['agent: the rotation left the same token'],
    });
  });

  test('cannot be told if the role of the client does not trust the caller', async () => {
    account.trusted = false;
    expect(await check('rotation')).toMatchObject({
      verdict: 'could not tell',
      lines: ['agent: rotated, but the new token cannot be read with these credentials'],
      fix: 'Run with credentials that may assume the role of a client',
    });
  });

  test('has nothing to do for a stage without clients', async () => {
    const stage = { ...STAGE, config: { ...STAGE.config, secrets: {} } };
    expect(await check('rotation', { stage })).toMatchObject({ verdict: 'ok' });
  });
});

describe('dns-log', () => {
  const blocked = { query_name: 'guardduty-data.us-east-1.amazonaws.com.', firewall_rule_action: 'BLOCK' };

  test('with blocked names fails and names them, once', async () => {
    account.queries.push(blocked, blocked);
    expect(await check('dns-log')).toMatchObject({
      verdict: 'failed',
      lines: ['guardduty-data.us-east-1.amazonaws.com. (2 queries)'],
    });
  });

  test('with names that would be blocked fails as well', async () => {
    account.queries.push({ ...blocked, firewall_rule_action: 'ALERT' });
    expect(await check('dns-log')).toMatchObject({ verdict: 'failed' });
  });

  test('that is empty cannot be told: it may not be written', async () => {
    account.queries = [];
    expect(await check('dns-log')).toMatchObject({
      verdict: 'could not tell',
      detail: 'the query log is empty',
    });
  });

  test('without a token cannot be told, and with one of the caller can', async () => {
    account.trusted = false;
    expect(await check('dns-log')).toMatchObject({ verdict: 'could not tell' });
    const token = account.secrets.get(CLIENT_SECRET) ?? '';
    expect(await check('dns-log', { token })).toMatchObject({ verdict: 'ok' });
  });

  test('is not asked for in a stage without a DNS firewall', async () => {
    const { stack } = account;
    stack.resources = stack.resources.filter(({ ResourceType }) => !ResourceType?.includes('Resolver'));
    expect(await check('dns-log')).toMatchObject({ verdict: 'ok', detail: 'this stage has no DNS firewall' });
  });
});

describe('doctor', () => {
  test('that finds something fails or cannot be told, with what it found', async () => {
    expect(await check('doctor', { doctor: doctorPrinting('fail') })).toMatchObject({
      verdict: 'failed',
      lines: ['tls/version (high) fail: TLS 1.2 or newer'],
    });
    expect(await check('doctor', { doctor: doctorPrinting('inconclusive') })).toMatchObject({
      verdict: 'could not tell',
    });
  });

  test('is the one of this repository, and reports a server that does not answer', async () => {
    account.stack.outputs.Url = 'http://127.0.0.1:9/mcp';
    const doctor = [process.execPath, '--import', 'tsx', 'doctor/src/main.ts'];
    expect(await check('doctor', { doctor, token: 'token-of-the-test' })).toMatchObject({
      verdict: 'failed',
      detail: expect.stringContaining('nothing listens there'),
    });
  });

  test('does not start without a token', async () => {
    account.trusted = false;
    expect(await check('doctor')).toMatchObject({
      verdict: 'could not tell',
      detail: 'there is no token to call with',
    });
  });
});

describe('the command', () => {
  // A fork's stages have other names and regions.
  const [[name = '', config]] = Object.entries<StageConfig>(stages) as [[string, StageConfig]];
  const start = (...args: readonly string[]) =>
    startProcess(process.execPath, ['--import', 'tsx', 'cli/acceptance.ts', '--stage', name, ...args], {
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'OPERATOR',
      AWS_SECRET_ACCESS_KEY: 'secret-access-key-of-the-tests',
    });

  test('says what it changes, and without a terminal does nothing unless it is told --yes', async () => {
    aws.actions.clear();
    const asked = start();
    asked.child.stdin?.end();
    expect(await asked.exited(30_000)).toBe(64);
    expect(asked.stderr()).toContain(`This changes ${stackNameOf(name, config)}:\n`);
    for (const check of ['doctor', 'rotation', 'alarms']) expect(asked.stderr()).toContain(`  ${check}: `);
    expect(asked.stdout()).toBe('');
    expect([...aws.actions]).toEqual([]);
  }, 30_000);

  test('prints every name on standard error, and none in the report on standard output', async () => {
    account.alarms[0]?.AlarmActions.pop();
    const only = start('--only', 'tasks,alarms', '--yes', '--json');
    expect(await only.exited(30_000)).toBe(1);
    expect(only.stderr()).toContain('failed          alarms: ');
    expect(only.stderr()).toContain('Mcp-acme-TooFewTasks: has no action');
    const report = JSON.parse(only.stdout());
    expect(report).toMatchObject({ region: config.region, node: process.version });
    expect(report.checks.at(-1)).toMatchObject({
      name: 'alarms',
      verdict: 'failed',
      lines: ['<MonitoringTooFewTasks>: has no action'],
    });
  }, 30_000);
});

test.each([
  ['rotation', 'secretsmanager:RotateSecret'],
  ['dns-log', 'logs:FilterLogEvents'],
])('%s without the right %s cannot be told, and says where it is', async (name, action) => {
  account.errors.set(action, new AwsError('AccessDeniedException'));
  expect(await check(name)).toMatchObject({
    verdict: 'could not tell',
    detail: expect.stringContaining('is not authorized'),
    fix: 'Grant the rights that --policy prints',
  });
});
