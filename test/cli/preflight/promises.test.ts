import { readdirSync, readFileSync } from 'node:fs';
import { CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from '@jest/globals';
import { Aws } from '../../../cli/preflight/aws.ts';
import { getCallerIdentity } from '../../../cli/preflight/calls.ts';
import { CHECKS } from '../../../cli/preflight/checks.ts';
import { policyOf } from '../../../cli/preflight/policy.ts';
import { exitCodeOf, textOf } from '../../../cli/preflight/report.ts';
import { stages } from '../../../infra/config.ts';
import type { StageConfig } from '../../../infra/stage-config.ts';
import { combinations } from '../../infra/combinations.ts';
import { startProcess } from '../../service/support/start-process.ts';
import type { Ended } from '../command-lines.ts';
import { known, noRole } from './accounts/answers.ts';
import { runIn } from './run.ts';
import { type Answers, Refusal, startStandIn } from './stand-in.ts';

const { dev, prod, endpoints, vpc, vpcEndpoints, knownClients } = combinations;
/** Together they have every feature that is checked. */
const STAGES = { prod, endpoints, vpc, vpcEndpoints, knownClients } as const;

/** Permissions of the operations that have other names, by AWS's documentation of each (Service Authorization Reference). */
const PERMISSIONS: Readonly<Record<string, readonly string[]>> = {
  's3:HeadObject': ['s3:GetObject', 's3:ListBucket'],
  'cloudcontrolapi:ListResources': [
    'cloudformation:ListResources',
    'route53resolver:ListResolverQueryLogConfigAssociations',
  ],
};
const permissions = (operations: Iterable<string>) =>
  [...operations].flatMap((operation) => PERMISSIONS[operation] ?? [operation]);

function actionsOf(given: StageConfig): string[] {
  return policyOf(known(given)).Statement.flatMap(({ Action }) => Action);
}

const ofUser = { clientId: 'desk', scopes: ['scrape'], principalArn: 'arn:aws:iam::123456789012:user/desk' };

describe('the policy', () => {
  test('allows every call that the checks make in each stage, and nothing that none of them makes', async () => {
    const asked = new Set<string>();
    const allowed = new Set<string>();
    for (const stage of Object.values(STAGES)) {
      const scope = known(stage);
      const { secrets } = scope.config;
      const clients = [...secrets.clients, { ...ofUser, rotateEveryDays: 30 }];
      const withUser = { ...scope, config: { ...scope.config, secrets: { ...secrets, clients } } };
      const noOwnQuota: Answers = {
        'servicequotas:GetServiceQuota': () => new Refusal('NoSuchResourceException'),
        'servicequotas:GetAWSDefaultServiceQuota': () => ({ Quota: { Value: 100 } }),
      };
      const { operations } = await runIn(withUser, { answers: noOwnQuota });
      const actions = policyOf(withUser).Statement.flatMap(({ Action }) => Action);
      expect(actions).toEqual(expect.arrayContaining(permissions(operations)));
      for (const action of permissions(operations)) asked.add(action);
      for (const action of actions) allowed.add(action);
    }
    expect([...allowed].sort()).toEqual([...asked].sort());
  });

  test('is for the features of the stage', () => {
    expect(actionsOf(dev)).not.toContain('s3:GetObject');
    expect(actionsOf(knownClients)).toContain('s3:GetObject');
    expect(actionsOf(dev)).not.toContain('acm:DescribeCertificate');
  });

  test('limits what could read content to what is needed', () => {
    const { Statement } = policyOf(known(knownClients));
    expect(Statement.filter(({ Resource }) => Resource !== '*')).toEqual([
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: ['arn:aws:s3:::pki/ca.pem', 'arn:aws:s3:::pki/crl.pem'],
      },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: ['arn:aws:s3:::pki'] },
      {
        Effect: 'Allow',
        Action: 'ssm:GetParameter',
        Resource: ['arn:aws:ssm:us-east-1:*:parameter/cdk-bootstrap/hnb659fds/version'],
      },
    ]);
    // A value of a secret, an object or a parameter with its content is never among the others.
    const [others] = Statement;
    expect([others?.Action].flat().filter((action) => !/:(Get|List|Describe)/.test(`${action}`))).toEqual([]);
    expect(others?.Action).not.toEqual(expect.arrayContaining(['secretsmanager:GetSecretValue']));
  });

  test('names the permission that a check misses, and no check crashes without it', async () => {
    for (const stage of Object.values(STAGES)) {
      const scope = known(stage);
      const { operations, findings: usual } = await runIn(scope);
      const refusing = [...operations].filter((operation) => operation !== 'sts:GetCallerIdentity');
      const answers = Object.fromEntries(
        refusing.map((operation) => [operation, () => new Refusal('AccessDenied', 403)] as const),
      );
      const { findings } = await runIn(scope, { answers });
      const untold = findings.filter(({ detail }) => /^the permission [\w-]+:\w+ is missing$/.test(detail));
      // Checks that ask AWS and are told usually: of a role of another account, or an image elsewhere, none is.
      const applying = CHECKS.filter(({ applies }) => applies?.(scope) ?? true);
      const asking = applying.filter(({ calls }) => calls.length > 0 && !calls.includes(getCallerIdentity));
      const told = asking.filter(({ name }) =>
        usual.some(({ check, verdict }) => check === name && verdict === 'ok'),
      );
      expect(new Set(untold.map(({ check }) => check))).toEqual(new Set(told.map(({ name }) => name)));
      expect(exitCodeOf(findings)).toBe(0);
    }
  });

  test.each(['ec2:DescribeAddresses', 'iam:GetRole', 'guardduty:GetDetector'])(
    'missing %s leaves the other checks as they are',
    async (operation) => {
      const codes = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'];
      for (const code of codes) {
        const answers = {
          [operation]: () => new Refusal(code, code === 'AccessDeniedException' ? 400 : 403),
        };
        const { findings } = await runIn(known(dev), { answers });
        expect(findings.filter(({ verdict }) => verdict === 'will fail')).toEqual([]);
        expect(findings.map(({ detail }) => detail)).toContain(`the permission ${operation} is missing`);
        expect(findings.filter(({ verdict }) => verdict === 'ok').length).toBeGreaterThan(15);
      }
    },
  );
});

describe('nothing is written:', () => {
  test('a client refuses an operation that writes before it is sent', async () => {
    const standIn = await startStandIn({ 'ec2:CreateVpc': () => ({}) });
    const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
    const aws = new Aws({ region: 'us-east-1', endpoint: standIn.url, credentials });
    const create = {
      actions: ['ec2:CreateVpc'] as const,
      send: (to: Aws, _: undefined) =>
        to.client(EC2Client).send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' })),
    };
    await expect(aws.ask(create, undefined)).rejects.toThrow(
      'the preflight only reads, and CreateVpcCommand does not',
    );
    expect(standIn.operations).toEqual([]);
    aws.destroy();
    standIn.stop();
  });

  test('the sources name only operations that read, and none that reads a secret', () => {
    const folder = new URL('../../../cli/preflight/', import.meta.url);
    const text = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const names = text.join('\n').match(/\b[A-Z]\w+(?=Command\b)|(?<=\bpaginate)[A-Z]\w+/g) ?? [];
    expect(new Set(names).size).toBeGreaterThan(20);
    expect(names.filter((name) => !/^(Get|List|Describe|Head)[A-Z]/.test(name))).toEqual([]);
    expect(
      names.filter((name) => /Secret(Value|Access)|AuthorizationToken|SessionToken|Decrypt/.test(name)),
    ).toEqual([]);
  });
});

describe('without an answer', () => {
  test('of one service, its check could not tell after the time it has', async () => {
    const answers: Answers = { 'ssm:GetParameter': () => undefined };
    const { findings } = await runIn(known(dev), { answers, aws: { callTimeoutMs: 300 } }, 'CDK bootstrap');
    expect(findings).toEqual([
      {
        check: 'CDK bootstrap',
        verdict: 'could not tell',
        detail: 'ssm:GetParameter did not answer within 0.3 s',
      },
    ]);
  });

  test('for credentials that AWS does not know, only checks without AWS run', async () => {
    const answers: Answers = {
      'sts:GetCallerIdentity': () => new Refusal('ExpiredToken', 403, 'expired\u001b[31m\n'),
    };
    const { findings, operations } = await runIn(known(dev), { answers });
    expect([...operations]).toEqual(['sts:GetCallerIdentity']);
    expect(findings[0]).toMatchObject({
      ...{ check: 'account and region', verdict: 'will fail' },
      detail: 'sts:GetCallerIdentity: ExpiredToken, expired [31m',
    });
    expect(findings.map(({ check }) => check)).toEqual([
      'account and region',
      'placeholders',
      'image',
      'certificate',
      'others',
    ]);
    expect(exitCodeOf(findings)).toBe(1);
  });
});

describe('the report', () => {
  test('has a line for each finding, and their numbers', async () => {
    const { findings } = await runIn(
      known(dev),
      { answers: noRole('AWSServiceRoleForECS') },
      'service-linked role',
    );
    expect(
      textOf(findings),
    ).toBe(`will fail       service-linked role AWSServiceRoleForECS: it does not exist, and the first deployment of an account can fail without it. Fix: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com
ok              service-linked role AWSServiceRoleForApplicationAutoScaling_ECSService: it exists
ok              service-linked role AWSServiceRoleForElasticLoadBalancing: it exists
ok              service-linked role AWSServiceRoleForWAFV2Logging: it exists

3 ok, 1 will fail, 0 could not tell
`);
    expect(exitCodeOf(findings)).toBe(1);
  });
});

describe('npm run preflight', () => {
  const variables = {
    ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
    ...{ AWS_EC2_METADATA_DISABLED: 'true', CDK_DOCKER: 'true' },
  };

  test('exits with 1 where a deployment would fail, and with 64 for a command line that is none', async () => {
    const [name = ''] = Object.keys(stages);
    const commandLines = [
      ['--json', '--stage', name, '--resolver', '127.0.0.1:1'],
      ['--stage', 'nowhere'],
      ['--resolver', 'dns.example'],
    ].map((args) => ({ path: 'cli/preflight.ts', args }));
    // One process for all: each would load the CDK.
    const program = ['--import', 'tsx', 'test/cli/command-lines.ts', JSON.stringify(commandLines)];
    const run = startProcess(process.execPath, program, variables);
    expect(await run.exited(60_000)).toBe(0);
    const [without, stage, resolver] = JSON.parse(run.stdout()) as Ended[];
    expect(without?.status).toBe(1);
    const report = JSON.parse(without?.stdout ?? '');
    expect(report).toMatchObject({ stage: name });
    expect(report.findings[0].verdict).toBe('will fail');
    expect(report.findings[0].detail).toContain('CredentialsProviderError');
    expect(stage).toMatchObject({ status: 64, stderr: expect.stringContaining('--stage must be one of ') });
    expect(resolver).toMatchObject({
      ...{ status: 64, stderr: expect.stringContaining('--resolver must be an IP address') },
    });
  }, 60_000);
});
