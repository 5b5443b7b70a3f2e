import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { MASKS } from '../../service/environment/bounds.ts';
import { stages } from './stages.ts';
import { all, only, stack, stageNames, template } from './synthesize.ts';

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

  test('masks what the service knows of, and nothing else', () => {
    const [{ DataProtectionPolicy: policy }] = all(template(stages.prod), 'AWS::Logs::LogGroup')
      .map(({ Properties }) => Properties)
      .filter(({ DeletionProtectionEnabled }) => DeletionProtectionEnabled);
    const custom: { Name: string; Regex: string }[] = policy.Configuration.CustomDataIdentifier;
    expect(Object.fromEntries(custom.map(({ Name, Regex }) => [Name, Regex]))).toEqual(MASKS);
    const [audited, masked] = policy.Statement;
    expect(masked.Operation).toEqual({ Deidentify: { MaskConfig: {} } });
    expect(masked.DataIdentifier).toEqual(audited.DataIdentifier);
    expect(masked.DataIdentifier).toEqual(Object.keys(MASKS));
  });

  test.each([
    'Authorization: Bearer abcdefghijklmnop0123',
    'got eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    `AWS_SECRET_ACCESS_KEY=${'wJalrXUt/n'.repeat(4)}`,
    `{"a":"-----BEGIN OPENSSH PRIVATE KEY-----\\nb3BlbnNzaC1r"}`,
    '-----BEGIN PGP PRIVATE KEY BLOCK-----',
  ])('masks %s', (text) => {
    expect(Object.values(MASKS).some((expression) => new RegExp(expression).test(text))).toBe(true);
  });

  test('is indexed by what reviews filter by', () => {
    template(stages.prod).hasResourceProperties('AWS::Logs::LogGroup', {
      FieldIndexPolicies: [{ Fields: ['clientId', 'userId', 'tool', 'outcome', 'requestId', 'traceId'] }],
    });
  });

  test('has the saved queries of a review, on fields that its records have', () => {
    const saved = all(template(stages.prod), 'AWS::Logs::QueryDefinition').map(
      ({ Properties }) => Properties,
    );
    expect(saved.map(({ Name }) => Name)).toEqual([
      'Mcp-test/Who called what',
      'Mcp-test/Protocol versions by client',
      'Mcp-test/Denied calls by client',
      'Mcp-test/Where calls went',
      'Mcp-test/Calls that began and have no record',
      'Mcp-test/Unusual volume',
      'Mcp-test/Secrets access',
      'Mcp-test/Everything of one user',
      'Mcp-test/Everything of one trace',
      'Mcp-test/Everything of one request',
    ]);
    for (const { LogGroupNames, QueryString } of saved) {
      expect(LogGroupNames).toEqual([{ Ref: expect.stringMatching(/^AuditLog/) }]);
      expect(QueryString).toMatch(/^(fields .+\n\| )?filter /);
    }
    const types = saved.map(({ QueryString }) =>
      /^(?:fields .+\n\| )?filter \(?type = "(\w+)"/.exec(QueryString),
    );
    // The last two are of everything that a trace or a request wrote.
    expect(types.map((type) => type?.[1])).toEqual([
      ...['audit', 'audit', 'audit', 'audit', 'log', 'audit'],
      ...['log', 'audit'],
      ...[undefined, undefined],
    ]);
    const record = readFileSync(new URL('../../service/logging/audit-log.ts', import.meta.url), 'utf8');
    for (const field of [
      'clientId',
      'tool',
      'host',
      'finalHost',
      'outcome',
      'sourceIp',
      'errorCode',
      'reason',
      'durationMs',
      'resultBytes',
    ]) {
      expect(saved.some(({ QueryString }) => QueryString.includes(field))).toBe(true);
      expect(record).toContain(`      ${field}: `);
    }
  });

  test('looks for calls without a record only among those that have had the time to end', () => {
    const [query] = all(template(stages.prod), 'AWS::Logs::QueryDefinition')
      .map(({ Properties }) => Properties)
      .filter(({ Name }) => Name === 'Mcp-test/Calls that began and have no record');
    expect(query.QueryString.split('\n| ')).toEqual([
      'fields strcontains(type, "audit") as ended',
      expect.stringMatching(
        /^filter \(type = "log" and event = "call_started" and toMillis\(@timestamp\) < now\(\) \* 1000 - 120000\) or /,
      ),
      expect.stringMatching(/^stats sum\(ended\) as records, .* by requestId$/),
      ...['filter records = 0', 'sort began desc', 'limit 100'],
    ]);
  });

  test.each([42, 0, 9999, -1])('fails when retentionDays is %d', (retentionDays) => {
    expect(() => stack({ ...stages.dev, auditLog: { retentionDays } })).toThrow(
      `retentionDays must be a value CloudWatch Logs accepts (e.g. 90, 365, 3653), got ${retentionDays}`,
    );
  });
});
