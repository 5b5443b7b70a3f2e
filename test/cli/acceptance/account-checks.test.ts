import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exitStatus } from '../../../cli/acceptance/report.ts';
import { accept, checkOf } from './support/accept.ts';
import { type Account, AwsError, createAccount, PAGES, STACK } from './support/account.ts';
import { type AwsStandIn, startAws } from './support/aws-stand-in.ts';

let aws: AwsStandIn;
let account: Account;
beforeAll(async () => {
  aws = await startAws(createAccount());
});
afterAll(() => aws.close());
beforeEach(() => {
  account = createAccount();
  aws.account = account;
});

const check = (name: string) => checkOf(aws.url, name);

describe('stack', () => {
  test('that failed is told with the resources that failed by themselves, and nothing else is checked', async () => {
    account.stack.StackStatus = 'ROLLBACK_FAILED';
    const of = { LogicalResourceId: 'WebAclLogs', ResourceType: 'AWS::Logs::ResourcePolicy' };
    account.stack.events = [
      { ...of, ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: 'Resource creation cancelled' },
      { ...of, ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: 'Resource limit exceeded' },
      { ...of, ResourceStatus: 'CREATE_IN_PROGRESS' },
    ];
    const { report } = await accept(aws.url);
    expect(report.checks).toEqual([
      expect.objectContaining({
        name: 'stack',
        verdict: 'failed',
        detail: 'ROLLBACK_FAILED',
        lines: ['WebAclLogs (AWS::Logs::ResourcePolicy) CREATE_FAILED: Resource limit exceeded'],
      }),
    ]);
    expect(exitStatus(report)).toBe(1);
  });

  test('under way cannot be told', async () => {
    account.stack.StackStatus = 'UPDATE_IN_PROGRESS';
    const { report } = await accept(aws.url);
    expect(report.checks).toEqual([expect.objectContaining({ verdict: 'could not tell' })]);
    expect(exitStatus(report)).toBe(2);
  });

  test('that does not exist is no crash', async () => {
    account.errors.set(
      'cloudformation:DescribeStacks',
      new AwsError('ValidationError', 'Stack does not exist'),
    );
    const { report } = await accept(aws.url);
    expect(report.checks).toEqual([
      expect.objectContaining({
        verdict: 'could not tell',
        detail: expect.stringContaining('does not exist'),
        fix: expect.stringMatching(/^The stage is not deployed in this account and region/),
      }),
    ]);
  });

  test.each(['CredentialsProviderError', 'ExpiredToken'])(
    'with %s cannot be told, and asks to sign in',
    async (code) => {
      account.errors.set('cloudformation:DescribeStacks', new AwsError(code, 'no valid credentials'));
      const { report } = await accept(aws.url);
      expect(report.checks).toEqual([
        expect.objectContaining({
          ...{ verdict: 'could not tell', fix: expect.stringMatching(/^Sign in to the account/) },
        }),
      ]);
    },
  );
});

describe('drift', () => {
  test('is told by resource and property, without values', async () => {
    account.drift.resources.push({
      LogicalResourceId: 'EdgeHttps',
      ResourceType: 'AWS::ElasticLoadBalancingV2::Listener',
      StackResourceDriftStatus: 'MODIFIED',
      PropertyDifferences: [
        {
          PropertyPath: '/SslPolicy',
          ExpectedValue: 'new',
          ActualValue: 'hidden',
          DifferenceType: 'NOT_EQUAL',
        },
      ],
    });
    expect(await check('drift')).toMatchObject({
      verdict: 'failed',
      lines: ['EdgeHttps (AWS::ElasticLoadBalancingV2::Listener) /SslPolicy: NOT_EQUAL'],
    });
  });

  test('of a resource that is gone fails', async () => {
    const gone = {
      LogicalResourceId: 'Topic',
      ResourceType: 'AWS::SNS::Topic',
      StackResourceDriftStatus: 'DELETED',
    };
    account.drift.resources.push(gone);
    expect(await check('drift')).toMatchObject({
      verdict: 'failed',
      lines: ['Topic (AWS::SNS::Topic) was deleted'],
    });
  });

  test('that could not be read everywhere cannot be told', async () => {
    account.drift.status = { DetectionStatus: 'DETECTION_FAILED', DetectionStatusReason: 'no right to read' };
    expect(await check('drift')).toMatchObject({
      verdict: 'could not tell',
      detail: expect.stringContaining('no right to read'),
    });
  });

  test('whose detection does not end cannot be told', async () => {
    account.drift.polls = 1000;
    expect(await check('drift')).toMatchObject({ verdict: 'could not tell' });
  });
});

describe('tasks', () => {
  test('with another image than the registry has under its tag fail', async () => {
    const [task] = account.tasks;
    if (task?.containers[0]) task.containers[0].imageDigest = `sha256:${'b'.repeat(64)}`;
    expect(await check('tasks')).toMatchObject({
      verdict: 'failed',
      lines: [expect.stringContaining('mcp: runs sha256:bbb')],
    });
  });

  test('may report the manifest of their platform if the tag is an index', async () => {
    const manifest = `sha256:${'c'.repeat(64)}`;
    for (const {
      containers: [container],
    } of account.tasks)
      if (container) container.imageDigest = manifest;
    account.images = [
      {
        imageId: { imageDigest: 'sha256:index' },
        imageManifest: JSON.stringify({ manifests: [{ digest: manifest }] }),
      },
    ];
    expect(await check('tasks')).toMatchObject({ verdict: 'ok' });
  });

  test('without a digest fail', async () => {
    for (const {
      containers: [container],
    } of account.tasks)
      if (container) container.imageDigest = undefined;
    expect(await check('tasks')).toMatchObject({ verdict: 'failed' });
  });

  test('of an image pinned by digest elsewhere need no registry', async () => {
    const digest = account.tasks[0]?.containers[0]?.imageDigest;
    account.containers = [{ name: 'mcp', image: `registry.example.com/mcp@${digest}` }];
    expect(await check('tasks')).toMatchObject({ verdict: 'ok' });
    account.containers = [{ name: 'mcp', image: `registry.example.com/mcp@sha256:${'d'.repeat(64)}` }];
    expect(await check('tasks')).toMatchObject({ verdict: 'could not tell' });
  });

  test('of an image that ECR has no more cannot be told', async () => {
    account.images = [];
    expect(await check('tasks')).toMatchObject({ verdict: 'could not tell' });
  });

  test('of an earlier task definition fail: the deployment was rolled back', async () => {
    account.service.taskDefinition = account.service.taskDefinition.replace(/7$/, '6');
    expect(await check('tasks')).toMatchObject({ verdict: 'failed', fix: expect.stringContaining('rolled') });
  });

  test('that do not run fail', async () => {
    account.tasks = [];
    expect(await check('tasks')).toMatchObject({ verdict: 'failed', detail: 'no task is running' });
  });

  test('of a deployment under way cannot be told', async () => {
    account.service.deployments.push({ status: 'ACTIVE', rolloutState: 'IN_PROGRESS' });
    expect(await check('tasks')).toMatchObject({ verdict: 'could not tell' });
  });
});

describe('healthy-hosts', () => {
  test('counted by zone fail', async () => {
    account.healthyHosts = [1, 1, 1];
    expect(await check('healthy-hosts')).toMatchObject({
      verdict: 'failed',
      detail: "2 tasks are healthy, but the alarm's metric counts 1",
    });
  });

  test('below the threshold of the alarm fail', async () => {
    account.tasks = account.tasks.slice(0, 1);
    expect(await check('healthy-hosts')).toMatchObject({
      verdict: 'failed',
      detail: '1 tasks are healthy, and the alarm needs 2',
    });
  });

  test('without a value cannot be told', async () => {
    account.healthyHosts = [];
    expect(await check('healthy-hosts')).toMatchObject({ verdict: 'could not tell' });
  });
});

describe('audit-check', () => {
  test('with a broken chain fails', async () => {
    account.audit.lines = [{ event: 'audit_chain_checked', records: 42, broken: 1 }];
    expect(await check('audit-check')).toMatchObject({ verdict: 'failed', detail: '1 chains are broken' });
  });

  test('that ends with an error fails, with the reason in its log', async () => {
    account.audit.functionError = 'Unhandled';
    account.audit.lines.push({ event: 'audit_check_failed', message: 'the log was not read' });
    expect(await check('audit-check')).toMatchObject({
      verdict: 'failed',
      detail: 'the check ended with an error: the log was not read',
    });
  });

  test('without its line in the log cannot be told', async () => {
    account.audit.lines = [];
    expect(await check('audit-check')).toMatchObject({ verdict: 'could not tell' });
  });
});

describe('alarms', () => {
  test('that publish are in the state in which they were before', async () => {
    const before = account.alarms.map(({ StateValue }) => StateValue);
    expect(before).toEqual(['OK', 'ALARM']);
    expect(await check('alarms')).toMatchObject({ verdict: 'ok' });
    expect(account.alarms.map(({ StateValue }) => StateValue)).toEqual(before);
    expect(account.history.map(({ AlarmName }) => AlarmName)).toContain(`${STACK}-HighCpu`);
  });

  test('that CloudWatch cannot publish fail with its error, and are set back', async () => {
    account.refused.set(
      PAGES,
      'CloudWatch Alarms does not have authorization to access the SNS topic encryption key.',
    );
    expect(await check('alarms')).toMatchObject({
      verdict: 'failed',
      lines: [expect.stringMatching(/^Mcp-acme-TooFewTasks: Failed to execute action .*encryption key/)],
    });
    expect(account.alarms.map(({ StateValue }) => StateValue)).toEqual(['OK', 'ALARM']);
  });

  test('are not taken for working because of an earlier notification', async () => {
    const HistorySummary = `Successfully executed action ${PAGES}`;
    account.history.push({ AlarmName: `${STACK}-TooFewTasks`, HistorySummary, Timestamp: Date.now() / 1000 });
    account.refused.set(PAGES, 'not authorized');
    expect(await check('alarms')).toMatchObject({ verdict: 'failed' });
  });

  test('whose history shows nothing fail', async () => {
    account.history.push = () => 0;
    expect(await check('alarms')).toMatchObject({
      verdict: 'failed',
      lines: expect.arrayContaining([`${STACK}-HighCpu: its history shows no action`]),
    });
  });

  test('without an action fail', async () => {
    account.alarms[1]?.AlarmActions.pop();
    expect(await check('alarms')).toMatchObject({
      verdict: 'failed',
      lines: [`${STACK}-HighCpu: has no action`],
    });
  });

  test('are set back when their history cannot be read', async () => {
    const [first] = account.alarms;
    const lost = new AwsError('InternalFailure', 'lost');
    account.errors.get = (action) =>
      action === 'cloudwatch:DescribeAlarmHistory' && first?.StateValue === 'ALARM' ? lost : undefined;
    expect(await check('alarms')).toMatchObject({ verdict: 'could not tell' });
    expect(first?.StateValue).toBe('OK');
  });

  test('are left alone during a deployment, which two of them would roll back', async () => {
    account.service.deployments.push({ status: 'ACTIVE', rolloutState: 'IN_PROGRESS' });
    expect(await check('alarms')).toMatchObject({ verdict: 'could not tell' });
    expect(account.history).toEqual([]);
  });
});

test.each([
  ['drift', 'cloudformation:DetectStackDrift'],
  ['tasks', 'ecs:DescribeServices'],
  ['healthy-hosts', 'cloudwatch:GetMetricStatistics'],
  ['alarms', 'cloudwatch:DescribeAlarms'],
])('%s without the right %s cannot be told, and says where it is', async (name, action) => {
  account.errors.set(action, new AwsError('AccessDeniedException'));
  expect(await check(name)).toMatchObject({
    verdict: 'could not tell',
    detail: expect.stringContaining('is not authorized'),
    fix: 'Grant the rights that --policy prints',
  });
});
