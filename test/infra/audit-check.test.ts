import { describe, expect, test } from '@jest/globals';
import { combinations } from './combinations.ts';
import { deadLetterStatements } from './dead-letters.ts';
import { mayRead } from './policy-evaluation.ts';
import { stages } from './stages.ts';
import { all, resources, template } from './templates.ts';

const found = template(stages.prod);
const FUNCTION = 'AuditCheckFunctionC87891D0';
const ROLE = 'AuditCheckRole7A6C24F2';
const LOG_GROUP = 'AuditCheckLogGroup11B8B890';
const AUDIT_LOG = 'AuditLog208ED862';
const AUDIT_KEY = 'SecretsAuditKey7D26F301';

describe('the function that checks the audit log', () => {
  test('may do exactly this', () => {
    const policies = all(found, 'AWS::IAM::ManagedPolicy').filter(({ Properties }) =>
      Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === ROLE),
    );
    expect(policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': [LOG_GROUP, 'Arn'] },
      },
      {
        Sid: 'ReadAuditRecords',
        Effect: 'Allow',
        Action: ['logs:FilterLogEvents', 'logs:Unmask'],
        Resource: { 'Fn::GetAtt': [AUDIT_LOG, 'Arn'] },
      },
      {
        Sid: 'ReadAuditKey',
        Effect: 'Allow',
        Action: 'secretsmanager:GetSecretValue',
        Resource: { Ref: AUDIT_KEY },
      },
      {
        Sid: 'DecryptAuditKey',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: { 'Fn::GetAtt': ['SecretsKey9BF95D68', 'Arn'] },
        Condition: {
          StringEquals: {
            'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
            'kms:EncryptionContext:SecretARN': { Ref: AUDIT_KEY },
          },
        },
      },
      ...deadLetterStatements(found, FUNCTION),
    ]);
    const role = resources(found, 'AWS::IAM::Role')[ROLE]?.Properties;
    expect(role.ManagedPolicyArns).toBeUndefined();
    expect(role.AssumeRolePolicyDocument.Statement[0].Principal).toEqual({ Service: 'lambda.amazonaws.com' });
  });

  test('reads the key of the chain and no other secret', () => {
    const ids = Object.keys(resources(found, 'AWS::SecretsManager::Secret'));
    expect(ids.length).toBeGreaterThan(2);
    expect(ids.filter((id) => mayRead(found, { role: ROLE }, id))).toEqual([AUDIT_KEY]);
  });

  test('is called every ten minutes, only by its schedule', () => {
    const [[schedule, rule] = ['', undefined]] = Object.entries(resources(found, 'AWS::Events::Rule')).filter(
      ([, { Properties }]) => JSON.stringify(Properties.Targets ?? []).includes(FUNCTION),
    );
    expect(rule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(10 minutes)',
      State: 'ENABLED',
      Targets: [{ Arn: { 'Fn::GetAtt': [FUNCTION, 'Arn'] } }],
    });
    const permissions = all(found, 'AWS::Lambda::Permission')
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => FunctionName['Fn::GetAtt'][0] === FUNCTION);
    // No SourceAccount: with it, EventBridge cannot invoke the function (EventBridge user guide, eb-troubleshooting).
    expect(permissions).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: { 'Fn::GetAtt': [FUNCTION, 'Arn'] },
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': [schedule, 'Arn'] },
      },
    ]);
    found.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: FUNCTION },
      MaximumRetryAttempts: 0,
    });
  });

  test('has time for what it reads, and an encrypted log for a year', () => {
    const { Properties } = resources(found, 'AWS::Lambda::Function')[FUNCTION] ?? {};
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      // Above the eight minutes of reading (functions/audit-check/handler.ts), below the ten minutes to the next run.
      Timeout: 570,
      MemorySize: 1024,
      LoggingConfig: { LogGroup: { Ref: LOG_GROUP } },
    });
    expect(Properties.VpcConfig).toBeUndefined();
    const group = resources(found, 'AWS::Logs::LogGroup')[LOG_GROUP];
    expect(group?.Properties).toMatchObject({
      KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^LogKey/), 'Arn'] },
      RetentionInDays: 365,
    });
    expect(group?.DeletionPolicy).toMatch(/^Retain/);
  });
});

test('is the only one of the stack that may read the log unmasked', () => {
  for (const config of [stages.prod, combinations.archive]) {
    const allowed = all(template(config), 'AWS::IAM::ManagedPolicy').filter(({ Properties }) =>
      JSON.stringify(Properties.PolicyDocument).includes('logs:Unmask'),
    );
    expect(allowed.map(({ Properties }) => Properties.Roles)).toEqual([[{ Ref: ROLE }]]);
  }
});

describe('the alarms', () => {
  const alarm = (name: string) =>
    all(found, 'AWS::CloudWatch::Alarm').find(({ Properties }) => Properties.AlarmName === `Mcp-test-${name}`)
      ?.Properties;

  test('read the count of broken chains in the function’s own log', () => {
    found.hasResourceProperties('AWS::Logs::MetricFilter', {
      LogGroupName: { Ref: LOG_GROUP },
      FilterPattern: '{ ($.type = "log") && ($.event = "audit_chain_broken") }',
      MetricTransformations: [
        {
          MetricNamespace: 'HardenedMcp/Mcp-test',
          MetricName: 'AuditChainBroken',
          MetricValue: '1',
          DefaultValue: 0,
          Unit: 'Count',
        },
      ],
    });
    expect(alarm('AuditChainBroken')).toMatchObject({
      Namespace: 'HardenedMcp/Mcp-test',
      MetricName: 'AuditChainBroken',
      Threshold: 1,
    });
  });

  test('read the runs of this function that failed, and that there are any', () => {
    const Dimensions = [{ Name: 'FunctionName', Value: { Ref: FUNCTION } }];
    expect(alarm('AuditCheckFailed')).toMatchObject({ MetricName: 'Errors', Dimensions });
    expect(alarm('AuditCheckMissing')).toMatchObject({ MetricName: 'Invocations', Dimensions });
  });

  test('go off when three runs in a row are missing, not when one is late', () => {
    found.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(10 minutes)',
      Targets: [{ Arn: { 'Fn::GetAtt': [FUNCTION, 'Arn'] } }],
    });
    expect(alarm('AuditCheckMissing')).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 10 * 60,
      EvaluationPeriods: 3,
      TreatMissingData: 'breaching',
    });
  });
});
