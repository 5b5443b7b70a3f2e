import { describe, expect, test } from '@jest/globals';
import type { TaskOptions } from '../../infra/constructs/task.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { type Environment, EnvironmentError, parseEnvironment } from '../../service/environment.ts';
import { combinations } from '../infra/combinations.ts';
import { containerEnvironment, resolved } from '../infra/container-environment.ts';
import { stages } from '../infra/stages.ts';
import { all, only, stack, stageNames, template } from '../infra/synthesize.ts';

function variables(config: StageConfig): Record<string, string> {
  return containerEnvironment(template(config));
}

function environment(config: StageConfig): Environment {
  return parseEnvironment('deployed', variables(config));
}

/** Both bounds as the refusal of a number tells them. */
function refusal(refuse: () => unknown): [minimum: number, maximum: number] {
  try {
    refuse();
  } catch (error) {
    const [, minimum, maximum] =
      /must be a whole number from (\d+) to (\d+), got "?-1/.exec((error as Error).message) ?? [];
    return [Number(minimum), Number(maximum)];
  }
  throw new Error('expected a refusal');
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
    const [{ Condition }] = all(template(config), 'AWS::IAM::Policy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Action }) => Action === 'kms:Decrypt');
    const { 'kms:EncryptionContext:SecretARN': secretArns, ...others } = Condition.StringEquals;
    expect(others).toEqual({ 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' });
    expect([secretArns].flat().map(resolved).sort()).toEqual(referenced(environment(config)));
    expect(Object.keys(Condition)).toEqual(['StringEquals']);
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

  const bounds: [keyof TaskOptions, string][] = [
    ['trustedHops', 'MCP_TRUSTED_HOPS'],
    ['clientLimitPerMinute', 'MCP_CLIENT_LIMIT_PER_MINUTE'],
    ['toolLimitPerMinute', 'MCP_TOOL_LIMIT_PER_MINUTE'],
    ['authFailureLimitPerMinute', 'MCP_AUTH_FAILURE_LIMIT_PER_MINUTE'],
    ['maxBodyBytes', 'MCP_MAX_BODY_BYTES'],
    ['scrapeTimeoutMs', 'SCRAPE_TIMEOUT_MS'],
    ['scrapeMaxBytes', 'SCRAPE_MAX_BYTES'],
  ];
  test.each(bounds)('every %s the stack accepts is one that %s accepts', (option, variable) => {
    const withValue = (value: number) => ({ ...stages.prod, task: { [option]: value } });
    const [minimum, maximum] = refusal(() => stack(withValue(-1)));
    const [lowest, highest] = refusal(() =>
      parseEnvironment('deployed', { ...variables(stages.prod), [variable]: '-1' }),
    );
    expect(minimum).toBeGreaterThanOrEqual(lowest);
    expect(maximum).toBeLessThanOrEqual(highest);
    for (const value of [minimum, maximum]) {
      const told = variables(withValue(value));
      expect(told[variable]).toBe(String(value));
      expect(() => parseEnvironment('deployed', told)).not.toThrow();
    }
    for (const value of [minimum - 1, maximum + 1]) {
      expect(() => stack(withValue(value))).toThrow(`${option} must be`);
    }
  });

  const lists: [keyof TaskOptions, string, string, boolean][] = [
    ['allowedOrigins', 'MCP_ALLOWED_ORIGINS', 'http://app.example.com', false],
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
