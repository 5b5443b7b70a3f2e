import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type AwsCommand, awsCommandsOf } from './support/aws-commands.ts';

const root = new URL('../../', import.meta.url);
const docs = readdirSync(new URL('docs', root)).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'RUNBOOK.md', 'SECURITY.md', ...docs.map((name) => `docs/${name}`)];

/** Options that a command needs. `--cluster` is not required by the API, which otherwise takes the default cluster. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'cloudformation describe-stacks': ['--stack-name'],
  'cloudformation list-stack-resources': ['--stack-name'],
  'cloudformation update-termination-protection': ['--stack-name'],
  'cloudwatch list-metrics': ['--namespace'],
  'cloudtrail lookup-events': ['--lookup-attributes'],
  'ec2 authorize-security-group-ingress': ['--group-id', '--ip-permissions'],
  'ec2 describe-security-groups': ['--group-ids'],
  'ec2 revoke-security-group-ingress': ['--group-id', '--ip-permissions'],
  'ec2 delete-security-group': ['--group-id'],
  'ec2 delete-vpc-endpoints': ['--vpc-endpoint-ids'],
  'ec2 describe-availability-zones': [],
  'ec2 describe-managed-prefix-lists': [],
  'ec2 describe-vpc-endpoints': [],
  'ecr get-registry-scanning-configuration': [],
  'ecr put-registry-scanning-configuration': ['--scan-type', '--rules'],
  'ecs describe-services': ['--cluster', '--services'],
  'ecs describe-tasks': ['--cluster', '--tasks'],
  'ecs list-tasks': ['--cluster'],
  'ecs update-service': ['--cluster', '--service'],
  'elbv2 describe-load-balancer-attributes': ['--load-balancer-arn'],
  'elbv2 describe-load-balancers': ['--load-balancer-arns'],
  'elbv2 describe-target-health': ['--target-group-arn'],
  'elbv2 modify-load-balancer-attributes': ['--load-balancer-arn', '--attributes'],
  'events describe-rule': ['--name'],
  'events enable-rule': ['--name'],
  'events list-rules': [],
  'events list-targets-by-rule': ['--rule'],
  'firehose describe-delivery-stream': ['--delivery-stream-name'],
  'iam create-service-linked-role': ['--aws-service-name'],
  'iam get-role': ['--role-name'],
  'kms list-key-rotations': ['--key-id'],
  'kms rotate-key-on-demand': ['--key-id'],
  'kms schedule-key-deletion': ['--key-id'],
  'lambda get-account-settings': [],
  'lambda invoke': ['--function-name', '--payload'],
  'logs delete-log-group': ['--log-group-name'],
  'logs describe-account-policies': ['--policy-type'],
  'logs describe-subscription-filters': ['--log-group-name'],
  'logs filter-log-events': ['--log-group-name', '--start-time'],
  'logs put-log-group-deletion-protection': ['--log-group-identifier'],
  'route53resolver disassociate-resolver-query-log-config': [
    '--resource-id',
    '--resolver-query-log-config-id',
  ],
  'route53resolver list-resolver-query-log-config-associations': [],
  's3 cp': [],
  's3api delete-bucket': ['--bucket'],
  's3api delete-objects': ['--bucket', '--delete'],
  's3api list-object-versions': ['--bucket'],
  'secretsmanager delete-secret': ['--secret-id'],
  'secretsmanager describe-secret': ['--secret-id'],
  'secretsmanager get-random-password': [],
  'secretsmanager get-secret-value': ['--secret-id'],
  'secretsmanager list-secret-version-ids': ['--secret-id'],
  'secretsmanager put-secret-value': ['--secret-id', '--secret-string'],
  'secretsmanager rotate-secret': ['--secret-id'],
  'service-quotas list-service-quotas': ['--service-code'],
  'sns subscribe': ['--topic-arn', '--protocol', '--notification-endpoint'],
  'sts get-caller-identity': [],
};

const hasBash = spawnSync('bash', ['-c', 'exit 0']).status === 0;
const hasCli = spawnSync('python3', ['-c', 'import awscli']).status === 0;

const commands: (readonly [page: string, command: AwsCommand])[] = hasBash
  ? pages.flatMap((page) =>
      awsCommandsOf(readFileSync(new URL(page, root), 'utf8')).map((command) => [page, command] as const),
    )
  : [];
const inRunbook = commands.filter(([page]) => page === 'RUNBOOK.md').map(([, command]) => command);

(hasBash ? describe : describe.skip)('the AWS CLI commands of the documentation (needs bash)', () => {
  test('are found in blocks, loops and text', () => {
    expect(inRunbook.length).toBeGreaterThan(50);
    expect(inRunbook.map(([service, name]) => `${service} ${name}`)).toEqual(
      expect.arrayContaining(['sns subscribe', 's3api delete-objects', 'ecs update-service']),
    );
  });

  test('have the options that they need', () => {
    const lacking = commands.flatMap(([page, [service, name, ...options]]) => {
      const needed = NEEDED[`${service} ${name}`] ?? ['a row in the table of this test'];
      const missing = needed.filter((option) => !options.includes(option));
      return missing.length > 0 ? [`${page}: aws ${service} ${name} has no ${missing.join(', ')}`] : [];
    });
    expect(lacking).toEqual([]);
  });
});

(hasBash && hasCli ? test : test.skip)(
  'the AWS CLI parses each of them (needs bash, and python3 with the package awscli)',
  () => {
    const script = new URL('support/parse-aws.py', import.meta.url).pathname;
    const different = new Map(commands.map(([, command]) => [command.join(' '), command]));
    const input = JSON.stringify([...different.values()]);
    const errors = JSON.parse(execFileSync('python3', [script], { input, encoding: 'utf8' }));
    expect(errors).toEqual([]);
  },
  120_000,
);
