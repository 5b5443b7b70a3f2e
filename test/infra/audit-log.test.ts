import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { stages } from './stages.ts';
import { only, stack, stageNames, template } from './synthesize.ts';

describe('audit log', () => {
  test.each(stageNames)(
    '%s keeps audit records a year, encrypted, protected, and beyond the stack',
    (name) => {
      template(stages[name]).hasResource('AWS::Logs::LogGroup', {
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          RetentionInDays: 365,
          DeletionProtectionEnabled: true,
          KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogKey'), 'Arn'] },
        },
      });
    },
  );

  test('the container writes there, and blocks rather than drop a line', () => {
    const [container] = only(template(stages.prod), 'AWS::ECS::TaskDefinition').Properties
      .ContainerDefinitions;
    expect(container.LogConfiguration).toEqual({
      LogDriver: 'awslogs',
      Options: {
        'awslogs-group': { Ref: expect.stringMatching(/^AuditLog/) },
        'awslogs-region': 'us-east-1',
        'awslogs-stream-prefix': 'mcp',
        mode: 'blocking',
      },
    });
  });

  test.each([42, 0, 9999, -1])('fails when retentionDays is %d', (retentionDays) => {
    expect(() => stack({ ...stages.dev, auditLog: { retentionDays } })).toThrow(
      `retentionDays must be a value CloudWatch Logs accepts (e.g. 90, 365, 3653), got ${retentionDays}`,
    );
  });
});
