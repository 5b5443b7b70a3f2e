import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Code, Function as Lambda, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { DefinitionBody, LogLevel, Pass, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import type { StackParts } from '../../infra/stack-parts.ts';

/** Resources of twelve kinds, as a fork adds them: some with the CDK's defaults, which the rules do not accept. */
export function addResources(parts: StackParts): void {
  const { scope, taskRole } = parts;
  const jobs = new Queue(scope, 'Jobs');
  jobs.grantSendMessages(taskRole);
  const table = new Table(scope, 'Table', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
  });
  table.grantReadData(taskRole);
  const key = new Key(scope, 'Key', { enableKeyRotation: true });
  const files = new Bucket(scope, 'Files', { encryptionKey: key });
  files.grantRead(taskRole, 'public/*');
  new Topic(scope, 'News', { masterKey: key }).grantPublish(taskRole);
  const log = new LogGroup(scope, 'Log', {
    encryptionKey: parts.logKey,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const worker = new Lambda(scope, 'Worker', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => {}'),
    logGroup: log,
  });
  jobs.grantConsumeMessages(worker);
  new Rule(scope, 'Nightly', {
    schedule: Schedule.rate(Duration.days(1)),
    targets: [new LambdaFunction(worker)],
  });
  new StringParameter(scope, 'Parameter', { stringValue: jobs.queueUrl });
  const { encryptionKey } = parts;
  const generateSecretString = { passwordLength: 40, excludePunctuation: true };
  new Secret(scope, 'Password', { encryptionKey, generateSecretString }).grantRead(taskRole);
  new StateMachine(scope, 'Flow', {
    definitionBody: DefinitionBody.fromChainable(new Pass(scope, 'Nothing')),
    logs: { destination: log, level: LogLevel.ALL },
  });
  const database = new SecurityGroup(scope, 'Database', { vpc: parts.vpc, allowAllOutbound: false });
  database.connections.allowFrom(parts.service, Port.tcp(5432));
  new StringParameter(parts.afterService, 'ServiceName', { stringValue: parts.service.serviceName });
  parts.alarm('JobsOld', {
    what: 'Jobs wait for an hour',
    severity: 'medium',
    metric: jobs.metricApproximateAgeOfOldestMessage(),
    threshold: 3600,
  });
}
