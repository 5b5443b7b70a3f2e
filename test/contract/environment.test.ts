import { describe, expect, test } from '@jest/globals';
import type { OAuthOptions } from '../../infra/lib/oauth.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { metadataUrl } from '../../service/auth/protected-resource.ts';
import { METADATA_PATH, METADATA_PATHS } from '../../service/environment/bounds.ts';
import { type Environment, EnvironmentError, parseEnvironment } from '../../service/environment.ts';
import { combinations } from '../infra/combinations.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { resolved } from '../infra/resolved.ts';
import { stages, unlisted } from '../infra/stages.ts';
import { all, only, stack, stageNames, template } from '../infra/synthesize.ts';
import { statedBy, toolsOf } from '../infra/tools.ts';
import { fetchPageTool } from '../support/fetch-page.ts';

function variables(config: StageConfig): Record<string, string> {
  return containerEnvironment(template(config));
}

function environment(config: StageConfig): Environment {
  return parseEnvironment('deployed', variables(config), toolsOf(config) ?? [fetchPageTool]);
}

/** The settings of a service with one tool, which reads pages: what a fork adds to its list changes nothing here. */
function parse(source: Record<string, string | undefined>): Environment {
  return parseEnvironment('deployed', source, [fetchPageTool]);
}

/** The function, run at most once if it succeeds. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Both bounds of a number, as its error states them. */
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

/** The secrets that the variables refer to. */
function referenced({ authTokens, accessList, auditKey, scrape, tools }: Environment): string[] {
  const ofTools = tools.flatMap(({ config }) => Object.values(config.secrets));
  return [authTokens, accessList, auditKey, scrape.apiKey, ...ofTools]
    .flatMap((reference) => (reference?.scheme === 'aws-secretsmanager' ? [reference.secretId] : []))
    .sort();
}

/** The statements of the task role. */
function taskStatements(config: StageConfig) {
  const found = template(config);
  const role = only(found, 'AWS::ECS::TaskDefinition').Properties.TaskRoleArn['Fn::GetAtt'][0];
  return all(found, 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === role))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** The permissions of the task role: action → resources. */
function taskRole(config: StageConfig): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { Action, Resource } of taskStatements(config)) {
    const resources = [Resource].flat().map((one) => resolved(one['Fn::GetAtt']?.[0] ?? one));
    found[Action] = [...(found[Action] ?? []), ...resources].sort();
  }
  return found;
}

describe.each(Object.entries<StageConfig>(combinations))('the environment of %s', (_name, config) => {
  test('is accepted by the service', () => {
    const { publicUrl, host, port, scrape } = environment(config);
    expect(publicUrl.href).toBe(`https://${config.domain.domainName}/mcp`);
    expect([host, port]).toEqual(['0.0.0.0', 8443]);
    expect(scrape.engine).toBe(config.task?.scrapeEngine ?? 'direct');
    expect(scrape.allowedDomains).toEqual(config.task?.allowedDomains ?? []);
  });

  test('authenticates clients by the list or by the issuer, as the stage configures', () => {
    const { authTokens, oauth } = environment(config);
    const wanted = config.task?.oauth;
    expect([authTokens === undefined, oauth === undefined]).toEqual([wanted !== undefined, !wanted]);
    if (wanted) expect({ ...oauth, jwksUrl: oauth?.jwksUrl?.href }).toMatchObject(wanted);
  });

  test('refers to exactly the secrets that the task role may read', () => {
    const fewest = config.task?.oauth ? 1 : 2;
    expect(referenced(environment(config)).length).toBeGreaterThanOrEqual(fewest);
    expect(taskRole(config)['secretsmanager:GetSecretValue']).toEqual(referenced(environment(config)));
  });

  test('the task role may only read secrets, decrypt them, connect to a rate limit store if there is one, and do what tools state', () => {
    const actions = taskRole(config);
    const signIn = config.rateLimitStore ? ['elasticache:Connect'] : [];
    const { rights } = statedBy(config);
    const stated = rights.flatMap((right) => right.actions);
    expect(Object.keys(actions).sort()).toEqual([
      ...stated,
      ...signIn,
      'kms:Decrypt',
      'secretsmanager:GetSecretValue',
    ]);
    for (const { actions: named, resources } of rights)
      for (const action of named) expect(actions[action]).toEqual(resources);
    for (const resource of Object.values(actions).flat()) expect(resource).not.toContain('*');
    const decrypted = taskStatements(config)
      .filter(({ Action }) => Action === 'kms:Decrypt')
      .flatMap(({ Condition }) => {
        const { 'kms:EncryptionContext:SecretARN': secretArns, ...others } = Condition.StringEquals;
        expect(others).toEqual({ 'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com' });
        expect(Object.keys(Condition)).toEqual(['StringEquals']);
        return [secretArns].flat().map(resolved);
      });
    expect(decrypted.sort()).toEqual(referenced(environment(config)));
  });
});

describe('a rate limit store', () => {
  const { store } = environment(combinations.valkey).limits;

  test('is configured in the service: encrypted, with IAM as the existing user, refusing while it is down', () => {
    const [cache, user] = ['ServerlessCache', 'User'].map(
      (type) => only(template(combinations.valkey), `AWS::ElastiCache::${type}`).Properties,
    );
    expect(store).toEqual({
      server: { tls: true, host: expect.any(String), port: 6379, username: user.UserName },
      password: undefined,
      iam: { region: 'us-east-1', name: cache.ServerlessCacheName },
      failure: 'deny',
    });
  });

  test.each(['deny', 'allow'] as const)(
    'with onFailure %s in the stage has the same setting in the service',
    (failure) => {
      const stage: StageConfig = { ...combinations.valkey, rateLimitStore: { onFailure: failure } };
      expect(environment(stage).limits.store?.failure).toBe(failure);
    },
  );

  test('accepts only the one user that the task role may use', () => {
    const [statement] = taskStatements(combinations.valkey).filter(
      ({ Action }) => Action === 'elasticache:Connect',
    );
    const types = statement.Resource.map(
      (one: { 'Fn::GetAtt': string[] }) =>
        template(combinations.valkey).toJSON()['Resources'][one['Fn::GetAtt'][0] ?? ''].Type,
    );
    expect(types).toEqual(['AWS::ElastiCache::ServerlessCache', 'AWS::ElastiCache::User']);
  });
});

describe('options and variables', () => {
  test('defaults are the same on both sides', () => {
    const bare: StageConfig = { region: 'us-east-1', domain: stages.prod.domain };
    const told = environment(bare);
    const { MCP_PUBLIC_URL, MCP_AUTH_TOKENS, MCP_ACCESS_LIST, MCP_AUDIT_KEY } = variables(bare);
    const alone = parse({ MCP_PUBLIC_URL, MCP_AUTH_TOKENS, MCP_ACCESS_LIST, MCP_AUDIT_KEY });
    expect(told).toEqual(alone);
  });

  test('the metadata paths that the load balancer forwards are those of the service', () => {
    const { publicUrl } = environment(combinations.oauth);
    const paths = METADATA_PATHS.map((path) => `${publicUrl.origin}${path}`);
    expect(paths).toEqual([`${publicUrl.origin}${METADATA_PATH}`, metadataUrl(publicUrl)]);
  });

  test('defaults of OAuth are the same on both sides', () => {
    const oauth = { issuer: 'https://login.example.com' };
    const told = variables({ region: 'us-east-1', domain: stages.prod.domain, task: { oauth } });
    const { MCP_PUBLIC_URL, MCP_ACCESS_LIST, MCP_AUDIT_KEY } = told;
    const alone = parse({
      MCP_PUBLIC_URL,
      MCP_ACCESS_LIST,
      MCP_AUDIT_KEY,
      MCP_AUTH_MODE: 'oauth',
      MCP_OAUTH_ISSUER: oauth.issuer,
    });
    expect(parse(told)).toEqual(alone);
    expect(alone.oauth?.audience).toBe('https://mcp.example.com/mcp');
  });

  const long = (length: number) => `https://login.example.com/${'x'.repeat(length - 26)}`;
  const oauthRows: [keyof OAuthOptions, string, string, boolean][] = [
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.example.com', true],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.example.com/', true],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.example.com:8443/realms/mcp', true],
    ['issuer', 'MCP_OAUTH_ISSUER', 'HTTPS://Login.Example.com/Tenant/v2.0', true],
    ['issuer', 'MCP_OAUTH_ISSUER', long(512), true],
    ['issuer', 'MCP_OAUTH_ISSUER', long(513), false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'http://login.example.com', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'http://127.0.0.1', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'login.example.com', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://user@login.example.com', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://:secret@login.example.com', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.example.com/?tenant=1', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.example.com/#a', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.example.com/a b', false],
    ['issuer', 'MCP_OAUTH_ISSUER', 'https://login.exämple.com', false],
    ['issuer', 'MCP_OAUTH_ISSUER', ' https://login.example.com', false],
    ['audience', 'MCP_OAUTH_AUDIENCE', 'https://mcp.example.com/mcp', true],
    ['audience', 'MCP_OAUTH_AUDIENCE', '11111111-2222-3333-4444-555555555555', true],
    ['audience', 'MCP_OAUTH_AUDIENCE', 'a'.repeat(512), true],
    ['audience', 'MCP_OAUTH_AUDIENCE', 'a'.repeat(513), false],
    ['audience', 'MCP_OAUTH_AUDIENCE', 'one two', false],
    ['audience', 'MCP_OAUTH_AUDIENCE', '"quoted"', false],
    ['audience', 'MCP_OAUTH_AUDIENCE', 'back\\slash', false],
    ['audience', 'MCP_OAUTH_AUDIENCE', 'mcp\n', false],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'api://11111111-2222-3333-4444-555555555555/', true],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'https://mcp.example.com/mcp/', true],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'a'.repeat(512), true],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'a'.repeat(513), false],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'one two/', false],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', '"quoted"/', false],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'back\\slash/', false],
    ['scopePrefix', 'MCP_OAUTH_SCOPE_PREFIX', 'api:\n//mcp/', false],
    ['jwksUrl', 'MCP_OAUTH_JWKS_URL', 'https://keys.example.com/jwks.json?v=1', true],
    ['jwksUrl', 'MCP_OAUTH_JWKS_URL', 'http://keys.example.com/jwks.json', false],
    ['jwksUrl', 'MCP_OAUTH_JWKS_URL', 'https://user:secret@keys.example.com/', false],
    ['jwksUrl', 'MCP_OAUTH_JWKS_URL', 'file:///keys.json', false],
    ['jwksUrl', 'MCP_OAUTH_JWKS_URL', 'https://keys.example.com/a b', false],
  ];
  /** Stages that together have each accepted value: the first has the first of each option, and so on. */
  const oauthStages: { oauth: Record<string, string>; stage: () => Record<string, string> }[] = [];
  for (const [option, , value, accepted] of oauthRows) {
    if (!accepted) continue;
    const free = oauthStages.find(({ oauth }) => !(option in oauth));
    if (free) {
      free.oauth[option] = value;
      continue;
    }
    const oauth = { issuer: 'https://login.example.com', [option]: value };
    oauthStages.push({ oauth, stage: once(() => variables({ ...unlisted, task: { oauth } })) });
  }
  test.each(oauthRows)('oauth.%s and %s agree on %j: %s', (option, variable, value, accepted) => {
    const oauth = { issuer: 'https://login.example.com', [option]: value };
    const start = expect(() => parse({ ...variables(combinations.oauth), [variable]: value }));
    if (accepted) {
      const told = oauthStages.find((one) => one.oauth[option] === value)?.stage();
      expect(told?.[variable]).toBe(value);
      start.not.toThrow();
    } else {
      expect(() => stack({ ...unlisted, task: { oauth } })).toThrow(`task.oauth.${option} must be`);
      start.toThrow(EnvironmentError);
    }
  });

  const bounds: [keyof NonNullable<StageConfig['task']> & string, string][] = [
    ['trustedHops', 'MCP_TRUSTED_HOPS'],
    ['clientLimitPerMinute', 'MCP_CLIENT_LIMIT_PER_MINUTE'],
    ['userLimitPerMinute', 'MCP_USER_LIMIT_PER_MINUTE'],
    ['toolLimitPerMinute', 'MCP_TOOL_LIMIT_PER_MINUTE'],
    ['authFailureLimitPerMinute', 'MCP_AUTH_FAILURE_LIMIT_PER_MINUTE'],
    ['maxBodyBytes', 'MCP_MAX_BODY_BYTES'],
    ['scrapeTimeoutMs', 'SCRAPE_TIMEOUT_MS'],
    ['scrapeMaxBytes', 'SCRAPE_MAX_BYTES'],
  ];
  const withValue = (option: string, value: number) => ({ ...stages.prod, task: { [option]: value } });
  const boundsOf = (option: string) => refusal(() => stack(withValue(option, -1)));
  /** The variables of the stage with the least value of each option, and of the one with the greatest. */
  const extremes = [0, 1].map((side) =>
    once(() => {
      const task = Object.fromEntries(bounds.map(([option]) => [option, boundsOf(option)[side]]));
      return variables({ ...stages.prod, task });
    }),
  );
  test.each(bounds)('every %s the stack accepts is one that %s accepts', (option, variable) => {
    const [minimum, maximum] = boundsOf(option);
    const [lowest, highest] = refusal(() => parse({ ...variables(stages.prod), [variable]: '-1' }));
    expect(minimum).toBeGreaterThanOrEqual(lowest);
    expect(maximum).toBeLessThanOrEqual(highest);
    for (const [side, value] of [minimum, maximum].entries()) {
      const told = extremes[side]?.() ?? {};
      expect(told[variable]).toBe(String(value));
      expect(() => parse(told)).not.toThrow();
    }
    for (const value of [minimum - 1, maximum + 1]) {
      expect(() => stack(withValue(option, value))).toThrow(`${option} must be`);
    }
  });

  const lists: [keyof NonNullable<StageConfig['task']> & string, string, string, boolean][] = [
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
    ...[
      'ftp://app.example.com',
      'HTTP://app.example.com',
      'ws://app.example.com',
      'file://x',
      'data://x',
      'https://*.example.com',
      'chrome-extension://*',
      'chrome-extension://abc/',
      'Chrome-Extension://abc',
      '*',
    ].map((value): [keyof NonNullable<StageConfig['task']> & string, string, string, boolean] => [
      'allowedOrigins',
      'MCP_ALLOWED_ORIGINS',
      value,
      false,
    ]),
    ...[
      'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
      'moz-extension://6f2c9a1e-0d3b-4c57-8e21-9b7a4d5e6f70',
      'safari-web-extension://6F2C9A1E-0D3B-4C57-8E21-9B7A4D5E6F70',
      'vscode-webview://0f3k2jq9h8g7f6d5s4a3',
      'tauri://localhost',
      'app://obsidian.md',
    ].map((value): [keyof NonNullable<StageConfig['task']> & string, string, string, boolean] => [
      'allowedOrigins',
      'MCP_ALLOWED_ORIGINS',
      value,
      true,
    ]),
  ];
  const origins = lists.flatMap(([option, , value, accepted]) =>
    option === 'allowedOrigins' && accepted ? [value] : [],
  );
  const stackOfOrigins = once(() => stack({ ...stages.prod, task: { allowedOrigins: origins } }));
  test.each(lists)('%s and %s agree on %j: %s', (option, variable, value, accepted) => {
    const synth = expect(() =>
      origins.includes(value) ? stackOfOrigins() : stack({ ...stages.prod, task: { [option]: [value] } }),
    );
    const start = expect(() => parse({ ...variables(stages.prod), [variable]: value }));
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
