import { describe, expect, test } from '@jest/globals';
import type { DeployedStack } from '../../../cli/acceptance/deployed-stack.ts';
import { createRedactor } from '../../../cli/acceptance/redact.ts';
import { fc } from '../../support/property.ts';
import { STAGE } from './support/accept.ts';

const resource = (logicalId: string, type: string, physicalId: string) => ({ logicalId, type, physicalId });
const STACK: DeployedStack = {
  name: 'Mcp-acme',
  arn: 'arn:aws:cloudformation:eu-west-1:210987654321:stack/Mcp-acme/1',
  status: 'CREATE_COMPLETE',
  outputs: { LoadBalancerDnsName: 'mcp-acme-lb-1.eu-west-1.elb.amazonaws.com' },
  resources: [
    resource('AccessLogs9913F0D8', 'AWS::S3::Bucket', 'mcp-acme-accesslogs9913f0d8-q1w2e3'),
    resource('CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E', 'AWS::Lambda::Function', ''),
    resource('ServiceRole', 'AWS::IAM::Role', 'Mcp-acme-ServiceRole-A1B2'),
    resource('MonitoringPageTopiconcallacmeexample2132EED9', 'AWS::SNS::Subscription', ''),
    resource('ClientTokensClientsagent5A74FBBA', 'AWS::SecretsManager::Secret', ''),
  ],
};
const redact = createRedactor(STAGE, STACK);

/** A name of each kind, by what takes its place. */
const PLANTED: readonly (readonly [kind: string, name: string, replacement: string])[] = [
  ['account id', '123456789012', '<account>'],
  ['ARN', 'arn:aws:iam::123456789012:role/service/agent-of-acme', '<ARN>'],
  ['ARN of another partition', 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:x', '<ARN>'],
  ['assumed role', 'arn:aws:sts::123456789012:assumed-role/Admin/jane.doe@corp.example', '<ARN>'],
  ['name of the stack', 'Mcp-acme', '<stack>'],
  ['name of the stage', 'acme', '<stage>'],
  ['name of the domain', 'mcp.acme.example', '<name>'],
  ['name of the zone', 'acme.example', '<name>'],
  ['name below the zone', 'db.corp.acme.example', '<name>'],
  ['name of a client', 'agent', '<client>'],
  ['id of the hosted zone', 'Z0123456789ACME', '<name>'],
  ['id of another hosted zone', 'Z3AADJGX6KTTL2', '<hosted zone>'],
  ['name of a bucket', 'mcp-acme-accesslogs9913f0d8-q1w2e3', '<AccessLogs9913F0D8>'],
  ['name of a role', 'Mcp-acme-ServiceRole-A1B2', '<ServiceRole>'],
  ['logical id with an address', 'MonitoringPageTopiconcallacmeexample2132EED9', '<AWS::SNS::Subscription>'],
  ['logical id with a client', 'ClientTokensClientsagent5A74FBBA', '<AWS::SecretsManager::Secret>'],
  ['e-mail address', 'jane.doe+aws@corp.example.com', '<e-mail>'],
  ['e-mail address of the stage', 'oncall@acme.example', '<name>'],
  ['host', 'internal-api.corp.example.com', '<host>'],
  ['host with a final dot', 'db.corp.internal.', '<host>'],
  ['host of a load balancer', 'mcp-acme-lb-1.eu-west-1.elb.amazonaws.com', '<name>'],
  ['account of an API', '123456789012.ddb.us-east-1.amazonaws.com', '<account>.ddb.us-east-1.amazonaws.com'],
  ['bucket in a host', 'corp-data.s3.eu-west-1.amazonaws.com', '<host>'],
  ['URL', 'https://wiki.corp.example.com/mcp?team=blue', '<URL>'],
  ['bucket in a URL', 's3://corp-data/keys/', '<URL>'],
  ['image', '123456789012.dkr.ecr.eu-west-1.amazonaws.com/corp/mcp', '<image>'],
  ['IPv4 address', '203.0.113.77', '<address>'],
  ['IPv4 network', '10.20.0.0/16', '<address>'],
  ['IPv6 address', '2001:db8:85a3::8a2e:370:7334', '<address>'],
  ['IPv6 network', '2001:db8::/32', '<address>'],
  ['request id', 'Request ID: 3cd919dd-06b1-4079-b38e-77dd6093875a', 'Request ID: <id>'],
  ['request id of S3', 'RequestId: V7J3H9K2L1M4N5P6', 'RequestId: <id>'],
  ['key id', '1234abcd-12ab-34cd-56ef-1234567890ab', '<id>'],
  ['trace id', 'Root=1-5759e988-bd862e3fe1be46a994272793', 'Root=<id>'],
  ['id of a VPC', 'vpc-0a1b2c3d4e5f67890', '<id>'],
  ['id of a resolver rule', 'rslvr-rr-0a1b2c3d4e5f67890', '<id>'],
  ['access key id', 'AKIAIOSFODNN7EXAMPLE', '[REDACTED]'],
  ['id of a role', 'AROADBQP57FF2AEXAMPLE', '<IAM id>'],
];

describe('the public report', () => {
  test.each(PLANTED)('replaces the %s', (_kind, name, replacement) => {
    expect(redact(`failed: ${name} (no)`)).toBe(`failed: ${replacement} (no)`);
    expect(redact(`"${name}", 'x'`)).toBe(`"${replacement}", 'x'`);
  });

  test('shows no credential', () => {
    const token = `Bearer ${'abcDEF0123456789'.repeat(3)}`;
    expect(redact(`401 for ${token}`)).not.toContain('abcDEF');
  });

  test('shows none of several names, wherever they stand', () => {
    const name = fc.constantFrom(...PLANTED.map(([, planted]) => planted));
    const between = fc.constantFrom(
      ' ',
      '\n',
      ', ',
      ' (',
      ') ',
      ' is not authorized to read ',
      '; resource: ',
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, between), { minLength: 1, maxLength: 6 }), (parts) => {
        const text = redact(parts.flat().join(''));
        for (const [planted] of parts) expect(text).not.toContain(planted.replace(/^Request ?Id: /i, ''));
      }),
    );
  });

  test.each([
    'MonitoringTopicKey423AF5B2 (AWS::KMS::Key) CREATE_FAILED: Resource limit exceeded',
    `mcp: runs sha256:${'0a1b2c3d'.repeat(8)}, the template names another`,
    'secretsmanager.us-east-1.amazonaws.com. (2 queries)',
    'api.ecr.eu-central-1.amazonaws.com',
    'guardduty-data.us-east-1.amazonaws.com',
    'EdgeHttps (AWS::ElasticLoadBalancingV2::Listener) /SslPolicy: NOT_EQUAL',
    'Fix: AuditCheckFailed in RUNBOOK.md, docs/deploy.md, infra/config.ts',
    'CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E (AWS::Lambda::Function) CREATE_FAILED: no',
    'us-east-1a has no Fargate at 12:30:15 on 2026-11-30',
    'Hardened MCP 0.1.0, Node.js v24.21.0',
    'CredentialsProviderError: Could not load credentials from any providers',
    'ClientTokens (AWS::SecretsManager::RotationSchedule) CREATE_FAILED: no',
    'dynamodb.us-east-1.amazonaws.com. (2 queries)',
    'streams.dynamodb.us-east-1.amazonaws.com',
    'ecs.us-east-1.api.aws',
    'delivery.logs.amazonaws.com is not allowed to write',
    '2 tasks are healthy, but the metric counts 1',
  ])('keeps %j', (text) => {
    expect(redact(text)).toBe(text);
  });
});

test('without a stack, a report names as little', () => {
  expect(createRedactor(STAGE)('Stack with id Mcp-acme in 123456789012 does not exist')).toBe(
    'Stack with id <stack> in <account> does not exist',
  );
});

test('the bucket of ECR is kept also in a stage whose name it begins with, and no other name of the stage', () => {
  const inProd = createRedactor({ ...STAGE, name: 'prod', stackName: 'Mcp-prod' });
  const bucket = 'prod-us-east-1-starport-layer-bucket.s3.us-east-1.amazonaws.com';
  expect(inProd(`${bucket}. (3 queries)`)).toBe(`${bucket}. (3 queries)`);
  expect(inProd(`prod.s3.us-east-1.amazonaws.com https://${bucket}/prod`)).toBe(
    '<stage>.s3.us-east-1.amazonaws.com <URL>',
  );
});
