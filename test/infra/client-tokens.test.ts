import { describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { App, Stack } from 'aws-cdk-lib/core';
import { ClientTokens, clientTokensOptions } from '../../infra/constructs/client-tokens/client-tokens.ts';
import { deadLetterStatements } from './dead-letters.ts';
import { ENDS } from './option-ends.ts';
import { mayRead } from './policy-evaluation.ts';
import { appProps } from './stack.ts';
import { ci, desk, stages } from './stages.ts';
import { all, only, resources, stack, template } from './synthesize.ts';

const found = template(stages.prod);
const LIST = 'SecretsTokens935A2C87';
const FUNCTION = 'ClientTokensFunctionC5AE6EC4';
const ROLE = 'ClientTokensRoleC42BD4E8';
const TASK_ROLE = 'TaskTaskRoleE98524A1';

/** Logical id of a client's secret. */
function secretOf(clientId: string, of = found): string {
  const [id] =
    Object.entries(resources(of, 'AWS::SecretsManager::Secret')).find(
      ([, { Properties }]) => Properties.Name === `Mcp-test/clients/${clientId}/token`,
    ) ?? [];
  if (id === undefined) throw new Error(`no secret of ${clientId}`);
  return id;
}

describe('who may read what', () => {
  const roles = { task: { role: TASK_ROLE }, rotation: { role: ROLE } };
  const principals = {
    ...roles,
    ci: { arn: ci.principalArn },
    desk: { arn: desk.principalArn },
    administrator: { arn: 'arn:aws:iam::123456789012:role/Admin', everything: true },
    root: { arn: 'arn:aws:iam::123456789012:root', everything: true },
    service: { everything: true },
  };
  const secrets = { list: LIST, 'token of ci': secretOf('ci'), 'token of desk': secretOf(desk.clientId) };
  const readers: Record<keyof typeof secrets, string[]> = {
    list: ['task', 'rotation'],
    'token of ci': ['rotation', 'ci'],
    'token of desk': ['rotation', 'desk'],
  };

  test.each(Object.entries(readers))('only the %s: %j, whatever IAM allows others', (name, expected) => {
    const who = Object.entries(principals).filter(([, principal]) =>
      mayRead(found, principal, secrets[name as keyof typeof secrets]),
    );
    expect(who.map(([principal]) => principal)).toEqual(expected);
  });

  test('administrators whom the configuration names read the list, and no token', () => {
    const arn = 'arn:aws:iam::123456789012:role/Admin';
    const named = template({ ...stages.prod, secrets: { clients: [ci], administratorArns: [arn] } });
    expect(mayRead(named, { arn, everything: true }, LIST)).toBe(true);
    expect(mayRead(named, { arn: `${arn}2`, everything: true }, LIST)).toBe(false);
    expect(mayRead(named, { arn, everything: true }, secretOf('ci', named))).toBe(false);
  });

  test('no secret takes a policy that lets the public in', () => {
    const policies = all(found, 'AWS::SecretsManager::ResourcePolicy');
    expect(policies).toHaveLength(4);
    for (const { Properties } of policies) expect(Properties.BlockPublicPolicy).toBe(true);
  });
});

describe('the rotation function', () => {
  const lambda = Object.values(resources(found, 'AWS::Lambda::Function')).find(({ Properties }) =>
    /rotates/.test(Properties.Description ?? ''),
  );

  test('may do exactly this', () => {
    const clients = [{ Ref: secretOf('ci') }, { Ref: secretOf(desk.clientId) }];
    const policies = all(found, 'AWS::IAM::ManagedPolicy').filter(({ Properties }) =>
      Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === ROLE),
    );
    expect(policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: { 'Fn::GetAtt': ['ClientTokensLogGroup62778348', 'Arn'] },
      },
      {
        Sid: 'RotateTokens',
        Effect: 'Allow',
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: [...clients, { Ref: LIST }],
      },
      {
        Sid: 'UseKeyForTokens',
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: { 'Fn::GetAtt': ['SecretsKey9BF95D68', 'Arn'] },
        Condition: {
          StringEquals: {
            'kms:ViaService': 'secretsmanager.us-east-1.amazonaws.com',
            'kms:EncryptionContext:SecretARN': [...clients, { Ref: LIST }],
          },
        },
      },
      ...deadLetterStatements(found, FUNCTION),
    ]);
    expect(resources(found, 'AWS::IAM::Role')[ROLE]?.Properties.ManagedPolicyArns).toBeUndefined();
  });

  test('may do the same with the secrets of the most clients, in policies of the size that IAM takes', () => {
    const full = template(ENDS.upper.nat);
    const statements = all(full, 'AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === ROLE))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const secrets = Object.keys(resources(full, 'AWS::SecretsManager::Secret'))
      .filter((id) => id === LIST || id.startsWith('ClientTokensClients'))
      .sort();
    expect(secrets).toHaveLength(31);
    const rotate = statements.filter(({ Sid }) => Sid === 'RotateTokens');
    expect(rotate.length).toBeGreaterThan(1);
    const named = rotate.map(({ Resource }): { Ref: string }[] => [Resource].flat());
    expect(named.flatMap((list) => list.map(({ Ref }) => Ref)).sort()).toEqual(secrets);
    const useKey = statements.filter(({ Sid }) => Sid === 'UseKeyForTokens');
    expect(useKey.map(({ Condition }) => Condition.StringEquals['kms:EncryptionContext:SecretARN'])).toEqual(
      named,
    );
  });

  test('of an upstream API key may tell the age, and no more', () => {
    const webscraping = template({ ...stages.dev, task: { scrapeEngine: 'webscraping-ai' } });
    const about = all(webscraping, 'AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === ROLE))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Resource }) => JSON.stringify(Resource).includes('SecretsApiKey'));
    expect(about.map(({ Action }) => Action)).toEqual(['secretsmanager:ListSecretVersionIds']);
  });

  test('is called only by Secrets Manager for this account, and by its schedule', () => {
    const permissions = all(found, 'AWS::Lambda::Permission')
      .map(({ Properties }) => Properties)
      .filter(({ FunctionName }) => /^ClientTokens/.test(FunctionName['Fn::GetAtt'][0]));
    expect(permissions).toEqual([
      expect.objectContaining({
        Principal: 'secretsmanager.amazonaws.com',
        SourceAccount: { Ref: 'AWS::AccountId' },
      }),
      expect.objectContaining({
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': [expect.stringMatching(/^ClientTokensUpkeep/), 'Arn'] },
      }),
    ]);
  });

  test('is Node on ARM with time for the wait of its test, and has an encrypted log for a year', () => {
    expect(lambda?.Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: 60,
      LoggingConfig: { LogGroup: { Ref: 'ClientTokensLogGroup62778348' } },
    });
    expect(lambda?.Properties.VpcConfig).toBeUndefined();
    const group = resources(found, 'AWS::Logs::LogGroup')['ClientTokensLogGroup62778348'];
    expect(group?.Properties).toMatchObject({
      KmsKeyId: { 'Fn::GetAtt': [expect.stringMatching(/^LogKey/), 'Arn'] },
      RetentionInDays: 365,
    });
  });

  test('looks after the list every hour and when a deployment of this stack has ended', () => {
    const rule = all(found, 'AWS::Events::Rule').find(({ Properties }) =>
      /client tokens/.test(Properties.Description),
    );
    expect(rule?.Properties).toMatchObject({
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 hour)',
      EventPattern: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [{ Ref: 'AWS::StackId' }] },
      },
    });
    found.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });

  test('exists without a client too, because it must remove the last client’s tokens from the list', () => {
    const none = template({ ...stages.prod, secrets: {} });
    none.resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
    none.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ CLIENTS: '{}', TOKENS_SECRET_ARN: { Ref: LIST } }) },
    });
  });
});

describe('a client’s secret', () => {
  const schedules = Object.values(resources(found, 'AWS::SecretsManager::RotationSchedule'));

  test('has its name from stage and client, no token from the template, and goes with the client', () => {
    const { Properties, DeletionPolicy } =
      resources(found, 'AWS::SecretsManager::Secret')[secretOf('ci')] ?? {};
    expect(Properties).toMatchObject({
      Name: 'Mcp-test/clients/ci/token',
      // CloudFormation puts another text over the tokens in use of every deployment there is.
      SecretString: 'no token yet',
    });
    expect(DeletionPolicy).toBe('Delete');
  });

  test('does not change when its client’s options do: an update might put its first value back', () => {
    const others = { scopes: ['other'], rotateEveryDays: 90, principalArn: desk.principalArn };
    const changed = template({
      ...stages.prod,
      secrets: { clients: [{ ...ci, ...others }], gracePeriodHours: 1 },
    });
    const secret = (of: Template) => resources(of, 'AWS::SecretsManager::Secret')[secretOf('ci', of)];
    expect(secret(changed)).toEqual(secret(found));
  });

  test('is rotated at once and then every 30 days, or as the client says', () => {
    expect(schedules.map(({ Properties }) => Properties.RotationRules.AutomaticallyAfterDays)).toEqual([
      30, 7,
    ]);
    for (const { Properties } of schedules) expect(Properties.RotateImmediatelyOnUpdate).toBe(true);
  });

  test('is rotated after everything the first rotation needs, one client after the other', () => {
    const [first, second] = schedules;
    expect(first?.DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ClientTokensClientsciReaders/),
        expect.stringMatching(/^ClientTokensFunctionSecretsManager/),
        expect.stringMatching(/^ClientTokensRolePermissions/),
      ]),
    );
    expect(second?.DependsOn).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ClientTokensClientsciSchedule/),
        expect.stringMatching(/^ClientTokensClientsdesk.*Readers/),
      ]),
    );
  });
});

describe('with an issuer', () => {
  function tokensOf(withApiKey: boolean): Template {
    const bare = new Stack(new App(appProps), 'Mcp-test');
    const key = new Key(bare, 'Key');
    const apiKey = withApiKey ? new Secret(bare, 'ApiKey') : undefined;
    const options = { ...clientTokensOptions.parse({}), reserveConcurrency: false };
    new ClientTokens(bare, 'ClientTokens', { ...options, encryptionKey: key, logKey: key, apiKey });
    return Template.fromStack(bare);
  }

  test('a client that is declared is refused', () => {
    const oauth = { issuer: 'https://issuer.example.com' };
    expect(() => stack({ ...stages.dev, secrets: { clients: [ci] }, task: { oauth } })).toThrow(
      'secrets.clients must be left out when task.oauth is set',
    );
  });

  test('there is no function, or one that tells the age of the API key only', () => {
    tokensOf(false).resourceCountIs('AWS::Lambda::Function', 0);
    const { Variables } = only(tokensOf(true), 'AWS::Lambda::Function').Properties.Environment;
    expect(Object.keys(Variables)).toEqual(['API_KEY_SECRET_ARN']);
  });
});

describe('options', () => {
  const many = Array.from({ length: 31 }, (_, index) => ({ ...ci, clientId: `c${index}` }));
  const long = { ...ci, scopes: Array.from({ length: 32 }, (_, index) => `${index}`.padEnd(64, 'x')) };

  test.each([
    [
      { clients: [{ ...ci, clientId: 'a b' }] },
      'secrets.clients[0].clientId must be 1 to 64 of letters, digits and _.@-, got "a b"',
    ],
    [{ clients: [{ ...ci, clientId: 'a:b' }] }, 'secrets.clients[0].clientId must be 1 to 64 of letters'],
    [{ clients: [{ scopes: ['x'] }] }, 'secrets.clients[0].clientId must be given'],
    [{ clients: [desk, ci, ci] }, 'secrets.clients[2].clientId must be unique, got "ci" twice'],
    [{ clients: [{ ...ci, scopes: [] }] }, 'secrets.clients[0].scopes must be a list of 1 to 32, got 0'],
    [{ clients: [{ ...ci, scopes: ['a b'] }] }, 'secrets.clients[0].scopes must be a scope token'],
    [{ clients: [{ ...ci, scopes: 'scrape' }] }, 'secrets.clients[0].scopes must be a list, got "scrape"'],
    [
      { clients: [{ ...ci, principalArn: '*' }] },
      'secrets.clients[0].principalArn must be the ARN of an IAM role or user, got "*"',
    ],
    [
      { clients: [{ ...ci, principalArn: 'arn:aws:iam::123456789012:root' }] },
      'principalArn must be the ARN',
    ],
    [
      { clients: [{ ...ci, principalArn: 'arn:aws:iam::123456789012:role/*' }] },
      'principalArn must be the ARN',
    ],
    [
      { clients: [{ ...ci, principalArn: 'arn:aws:sts::123456789012:assumed-role/ci/x' }] },
      'principalArn must be the ARN of an IAM role or user',
    ],
    [{ clients: [{ clientId: 'ci', scopes: ['x'] }] }, 'secrets.clients[0].principalArn must be'],
    [
      { clients: [{ ...ci, rotateEveryDays: 0 }] },
      'rotateEveryDays must be a whole number from 1 to 90, got 0',
    ],
    [{ clients: [{ ...ci, rotateDays: 7 }] }, 'secrets.clients[0].rotateDays is not an option'],
    [{ clients: many }, 'secrets.clients must be a list of 0 to 30, got 31'],
    [
      { clients: [long, { ...long, clientId: 'b' }] },
      'secrets.clients must have ids and scopes of at most 3072 bytes as JSON, got 43',
    ],
    [{ gracePeriodHours: 0 }, 'secrets.gracePeriodHours must be a whole number from 1 to 72, got 0'],
    [
      { clients: [{ ...ci, rotateEveryDays: 1 }] },
      'secrets.gracePeriodHours must be less than the 24 hours of secrets.clients[0].rotateEveryDays, got 24',
    ],
    [
      { apiKeyMaxAgeDays: 30 },
      'secrets.apiKeyMaxAgeDays must be left out unless task.scrapeEngine is webscraping-ai',
    ],
  ])('fails: %j', (secrets, message) => {
    expect(() => stack({ ...stages.dev, secrets: secrets as object })).toThrow(message);
  });
});
