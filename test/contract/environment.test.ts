import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { type StageConfig, stages } from '../../infra/config.ts';
import type { TaskOptions } from '../../infra/constructs/task.ts';
import { type Environment, EnvironmentError, parseEnvironment } from '../../service/environment.ts';
import { combinations } from '../infra/combinations.ts';
import { all, only, stack, stageNames, template } from '../infra/synthesize.ts';

type Value = string | { Ref: string } | { 'Fn::Join': [string, Value[]] };

/** What CloudFormation would make of a value; the Ref of a secret is its ARN. */
function resolved(value: Value): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return arnOf(value.Ref);
  return value['Fn::Join'][1].map(resolved).join(value['Fn::Join'][0]);
}

function arnOf(logicalId: string): string {
  return `arn:aws:secretsmanager:us-east-1:123456789012:secret:${logicalId}-AbCdEf`;
}

function variables(config: StageConfig): Record<string, string> {
  const [container] = only(template(config), 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
  const pairs = (container.Environment as { Name: string; Value: Value }[]).map(({ Name, Value }) => [
    Name,
    resolved(Value),
  ]);
  return Object.fromEntries(pairs);
}

function environment(config: StageConfig): Environment {
  return parseEnvironment('deployed', variables(config));
}

/** The secrets that the service is told to read. */
function referenced({ authTokens, auditKey, scrape }: Environment): string[] {
  return [authTokens, auditKey, scrape.apiKey]
    .flatMap((reference) => (reference?.scheme === 'aws-secretsmanager' ? [reference.secretId] : []))
    .sort();
}

/** What the task role may do: action → resources. */
function taskRole(config: StageConfig): Record<string, string[]> {
  const found = template(config);
  const role = only(found, 'AWS::ECS::TaskDefinition').Properties.TaskRoleArn['Fn::GetAtt'][0];
  const statements = all(found, 'AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return Object.fromEntries(
    statements.map(({ Action, Resource }) => [
      Action,
      [Resource]
        .flat()
        .map((one) => resolved(one['Fn::GetAtt']?.[0] ?? one))
        .sort(),
    ]),
  );
}

describe.each(Object.entries<StageConfig>(combinations))('the environment of %s', (_name, config) => {
  test('is accepted by the service', () => {
    const { publicUrl, host, port, scrape } = environment(config);
    expect(publicUrl.href).toBe(`https://${config.domain.domainName}/mcp`);
    expect([host, port]).toEqual(['0.0.0.0', 8443]);
    expect(scrape.engine).toBe(config.task?.engine ?? 'direct');
    expect(scrape.allowedDomains).toEqual(config.task?.allowedDomains ?? []);
  });

  test('refers to secrets that the task role may read, and to no fewer', () => {
    expect(referenced(environment(config)).length).toBeGreaterThanOrEqual(2);
    expect(taskRole(config)['secretsmanager:GetSecretValue']).toEqual(referenced(environment(config)));
  });

  test('the task role may do nothing but read secrets and decrypt them through Secrets Manager', () => {
    const actions = taskRole(config);
    expect(Object.keys(actions).sort()).toEqual(['kms:Decrypt', 'secretsmanager:GetSecretValue']);
    for (const resource of Object.values(actions).flat()) expect(resource).not.toContain('*');
    template(config).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'kms:Decrypt',
            Condition: {
              StringEquals: {
                'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
                'kms:EncryptionContext:SecretARN': Match.anyValue(),
              },
            },
          }),
        ]),
      },
    });
  });
});

describe('options and variables', () => {
  test('defaults are the same on both sides', () => {
    const bare: StageConfig = { region: 'us-east-1', domain: stages.prod.domain };
    const told = environment(bare);
    const { MCP_PUBLIC_URL, MCP_AUTH_TOKENS, MCP_AUDIT_KEY } = variables(bare);
    const alone = parseEnvironment('deployed', { MCP_PUBLIC_URL, MCP_AUTH_TOKENS, MCP_AUDIT_KEY });
    expect(told).toEqual(alone);
  });

  const bounds: [keyof TaskOptions, string, number, number][] = [
    ['clientLimitPerMinute', 'MCP_CLIENT_LIMIT_PER_MINUTE', 1, 100_000],
    ['toolLimitPerMinute', 'MCP_TOOL_LIMIT_PER_MINUTE', 1, 100_000],
    ['maxBodyBytes', 'MCP_MAX_BODY_BYTES', 1024, 4_194_304],
    ['scrapeTimeoutMs', 'SCRAPE_TIMEOUT_MS', 100, 50_000],
    ['scrapeMaxBytes', 'SCRAPE_MAX_BYTES', 1024, 8_388_608],
  ];
  test.each(bounds)('%s has the bounds of %s', (option, variable, minimum, maximum) => {
    const valid = variables(stages.prod);
    for (const value of [minimum, maximum]) {
      const config = { ...stages.prod, task: { [option]: value } };
      expect(variables(config)[variable]).toBe(String(value));
      expect(() => environment(config)).not.toThrow();
    }
    for (const value of [minimum - 1, maximum + 1]) {
      expect(() => stack({ ...stages.prod, task: { [option]: value } })).toThrow(`${option} must be`);
      expect(() => parseEnvironment('deployed', { ...valid, [variable]: String(value) })).toThrow(
        EnvironmentError,
      );
    }
  });

  const lists: [keyof TaskOptions, string, string, boolean][] = [
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', 'example.com', true],
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', '*.example.com', true],
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', '*', true],
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', 'localhost', false],
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', '10.0.0.1', false],
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', '*.*.com', false],
    ['allowedDomains', 'SCRAPE_ALLOWED_DOMAINS', 'https://example.com', false],
    ['allowedOrigins', 'MCP_ALLOWED_ORIGINS', 'https://app.example.com', true],
    ['allowedOrigins', 'MCP_ALLOWED_ORIGINS', 'https://app.example.com:8443', true],
    ['allowedOrigins', 'MCP_ALLOWED_ORIGINS', 'https://app.example.com/', false],
    ['allowedOrigins', 'MCP_ALLOWED_ORIGINS', 'null', false],
    ['allowedOrigins', 'MCP_ALLOWED_ORIGINS', 'ftp://app.example.com', false],
  ];
  test.each(lists)('%s and %s agree on %j: %s', (option, variable, value, accepted) => {
    const synth = expect(() => stack({ ...stages.prod, task: { [option]: [value] } }));
    const start = expect(() =>
      parseEnvironment('deployed', { ...variables(stages.prod), [variable]: value }),
    );
    if (accepted) {
      synth.not.toThrow();
      start.not.toThrow();
    } else {
      synth.toThrow(`${option} must be`);
      start.toThrow(EnvironmentError);
    }
  });

  test.each(stageNames)('no variable of %s looks like a secret', (name) => {
    for (const value of Object.values(variables(stages[name]))) {
      expect(value).not.toMatch(/^(?!arn:|aws-secretsmanager:|https:)[A-Za-z0-9+/_-]{32,}$/);
    }
  });
});
