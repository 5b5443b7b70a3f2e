import { combinations, digest } from '../../../infra/combinations.ts';
import { association, stackWith } from '../account.ts';
import { Refusal } from '../stand-in.ts';
import {
  agent,
  type Cases,
  known,
  noRole,
  outputs,
  pinnedElsewhere,
  placeholder,
  scopeElsewhere,
  stack,
  withAgent,
} from './answers.ts';

const { dev, prod, endpoints, ownToolsInside, pinnedServer, server } = combinations;

/** Accounts that fail the checks of the stage. */
export const STAGE: Cases = {
  'account and region': [
    [
      'of another account than the certificate',
      scopeElsewhere,
      {},
      'credentials of 123456789012, and domain.certificateArn is of 999999999999',
    ],
    [
      'of another account than the one the stage is pinned to',
      pinnedElsewhere,
      {},
      'credentials of 123456789012, and the stage is pinned to 210987654321',
      'use credentials of 210987654321',
    ],
  ],
  placeholders: [
    [
      'with values left to set',
      placeholder,
      {},
      'CloudFormation refuses the stack',
      'Replace domain.domainName',
    ],
  ],
  'CDK bootstrap': [
    [
      'that is not bootstrapped',
      dev,
      { answers: { 'ssm:GetParameter': () => new Refusal('ParameterNotFound') } },
      '123456789012 is not bootstrapped in us-east-1',
      'npx cdk bootstrap aws://123456789012/us-east-1',
    ],
    [
      'with an old bootstrap',
      dev,
      { answers: { 'ssm:GetParameter': () => ({ Parameter: { Value: '5' } }) } },
      'version 5 is too old',
    ],
  ],
  stack: [
    [
      'with a rollback that failed',
      prod,
      { answers: { 'cloudformation:DescribeStacks': () => stack('ROLLBACK_FAILED') } },
      'in the state ROLLBACK_FAILED',
      'docs/deploy.md#remove',
    ],
    [
      'with a first deployment that failed and left the stack protected',
      prod,
      {
        answers: {
          'cloudformation:DescribeStacks': () =>
            stack('ROLLBACK_COMPLETE', { EnableTerminationProtection: true }),
        },
      },
      'its termination protection keeps the CLI from replacing it',
      'update-termination-protection --no-enable-termination-protection --stack-name Mcp-test',
    ],
    [
      'with a load balancer of the other scheme',
      prod,
      {
        answers: {
          'cloudformation:DescribeStacks': () =>
            stack(
              'UPDATE_COMPLETE',
              outputs({ LoadBalancerDnsName: 'internal-Mcp-Edge-1.us-east-1.elb.amazonaws.com' }),
            ),
        },
      },
      'its load balancer is internal, and cannot become internet-facing',
      'make a new stage',
    ],
    [
      'with an update whose rollback failed',
      prod,
      { answers: { 'cloudformation:DescribeStacks': () => stack('UPDATE_ROLLBACK_FAILED') } },
      'UPDATE_ROLLBACK_FAILED',
      'continue-update-rollback',
    ],
    [
      'with a deployment under way',
      prod,
      { answers: { 'cloudformation:DescribeStacks': () => stack('UPDATE_IN_PROGRESS') } },
      'UPDATE_IN_PROGRESS',
      'wait',
    ],
  ],
  image: [
    [
      'with no container engine on the machine',
      dev,
      { containerEngine: 'false' },
      'no container engine answers',
      'CDK_DOCKER',
    ],
    [
      'without the image',
      endpoints,
      { answers: { 'ecr:DescribeImages': () => new Refusal('ImageNotFoundException') } },
      `@${digest} does not exist`,
    ],
    [
      'without the repository',
      endpoints,
      { answers: { 'ecr:DescribeImages': () => new Refusal('RepositoryNotFoundException') } },
      'does not exist',
    ],
    [
      'without the image of the server',
      pinnedServer,
      { answers: { 'ecr:DescribeImages': () => new Refusal('ImageNotFoundException') } },
      `@${digest} does not exist`,
      'correct task.server.image',
    ],
    [
      'with no container engine for the image of the server',
      server,
      { containerEngine: 'false' },
      'no container engine answers',
    ],
  ],
  principal: [
    [
      'without the role of a client',
      dev,
      { answers: noRole('ci') },
      'role/ci does not exist: KMS and Secrets Manager refuse',
    ],
    [
      'with the role under another path',
      dev,
      { answers: noRole('x', 'arn:aws:iam::123456789012:role/team/ci') },
      'arn:aws:iam::123456789012:role/team/ci does',
    ],
    [
      'without an administrator',
      endpoints,
      { answers: noRole('Admin') },
      'role/path/Admin does not exist: it could not manage tokens',
    ],
  ],
  secret: [
    [
      'with a secret of that name that waits for deletion',
      dev,
      {
        answers: {
          'secretsmanager:ListSecrets': ({ IncludePlannedDeletion }) => ({
            SecretList: IncludePlannedDeletion
              ? [{ Name: 'Mcp-test/clients/ci/token', DeletedDate: 1_796_000_000 }]
              : [],
          }),
        },
      },
      'it is scheduled for deletion',
      'restore-secret',
    ],
    [
      'with a secret of that name',
      dev,
      {
        answers: {
          'secretsmanager:ListSecrets': () => ({ SecretList: [{ Name: 'Mcp-test/clients/ci/token' }] }),
        },
      },
      'it exists and is not of this stack',
    ],
  ],
  'secret of the server': [
    [
      'without the secret',
      server,
      { answers: { 'secretsmanager:DescribeSecret': () => new Refusal('ResourceNotFoundException') } },
      'does not exist: no task would start',
      'correct task.server.secrets.API_KEY',
    ],
    [
      'with the secret in deletion',
      server,
      { answers: { 'secretsmanager:DescribeSecret': () => ({ DeletedDate: 1_796_000_000 }) } },
      'scheduled for deletion',
      'restore-secret',
    ],
  ],
  'existing secret': [
    [
      'without the secret',
      endpoints,
      { answers: { 'secretsmanager:DescribeSecret': () => new Refusal('ResourceNotFoundException') } },
      'does not exist',
    ],
    [
      'with the secret in deletion',
      endpoints,
      { answers: { 'secretsmanager:DescribeSecret': () => ({ DeletedDate: 1_796_000_000 }) } },
      'scheduled for deletion',
      'restore-secret',
    ],
    [
      'with the secret under another key',
      endpoints,
      { answers: { 'secretsmanager:DescribeSecret': () => ({}) } },
      "encrypted with the account's aws/secretsmanager key",
      'apiKeyKmsKeyArn',
    ],
    [
      'with the secret of a tool under another key',
      ownToolsInside,
      { answers: { 'secretsmanager:DescribeSecret': () => ({}) } },
      "encrypted with the account's aws/secretsmanager key",
      'set tools.example_http.secrets.apiKey.kmsKeyArn',
    ],
  ],
  'service-linked role': [
    [
      'without the role of ECS',
      dev,
      { answers: noRole('AWSServiceRoleForECS') },
      'it does not exist',
      'create-service-linked-role --aws-service-name ecs.amazonaws.com',
    ],
    [
      'without the role of scaling',
      dev,
      { answers: noRole('AWSServiceRoleForApplicationAutoScaling_ECSService') },
      'it does not exist',
      'ecs.application-autoscaling.amazonaws.com',
    ],
  ],
  'DNS query log': [
    [
      'whose landing zone logs the stage already',
      dev,
      {
        answers: {
          'cloudformation:ListStackResources': stackWith(known(dev).template, 'AWS::EC2::VPC'),
          'cloudcontrolapi:ListResources': () => ({
            ResourceDescriptions: [association('physical-NetworkVpc7FB7348F', 'rqlc-central')],
          }),
        },
      },
      'rqlc-central is associated with physical-NetworkVpc7FB7348F',
      'landing zone',
    ],
  ],
  GuardDuty: [
    [
      'with the agent in every task, of which the stage does not know',
      withAgent(dev),
      { answers: agent(true) },
      'GuardDuty adds its agent to every task',
      'set the option guardDuty',
    ],
  ],
};
