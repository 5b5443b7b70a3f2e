import { describe, expect, test } from '@jest/globals';
import { parseRotationEnvironment } from '../../functions/rotation/environment.ts';
import { publish } from '../../functions/rotation/token-list.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { parseTokenDocument } from '../../service/auth/token-document.ts';
import { combinations } from '../infra/combinations.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { resolved } from '../infra/resolved.ts';
import { ci, stages } from '../infra/stages.ts';
import { all, stack, template } from '../infra/synthesize.ts';

/** The environment of the function, as CloudFormation would resolve it. */
function variables(config: StageConfig): Record<string, string> {
  const [lambda] = all(template(config), 'AWS::Lambda::Function').filter(({ Properties }) =>
    /rotates/.test(Properties.Description ?? ''),
  );
  const told = lambda?.Properties.Environment.Variables as Record<string, Parameters<typeof resolved>[0]>;
  return Object.fromEntries(Object.entries(told).map(([name, value]) => [name, resolved(value)]));
}

/** With an issuer there is no token to rotate. */
const rotated = Object.entries<StageConfig>(combinations).filter(([, { task }]) => task?.oauth === undefined);

describe.each(rotated)('the rotation of %s', (_name, config) => {
  const { list, apiKeySecretId } = parseRotationEnvironment(variables(config));

  test('gets every declared client, with the defaults', () => {
    const declared = (config.secrets?.clients ?? []).map(({ clientId, scopes, rotateEveryDays = 30 }) => [
      clientId,
      { scopes, rotateEveryDays },
    ]);
    expect([...(list?.clients ?? [])]).toEqual(declared);
    expect(list?.graceMs).toBe((config.secrets?.gracePeriodHours ?? 24) * 3_600_000);
  });

  test('gets the names of the secrets', () => {
    const names = all(template(config), 'AWS::SecretsManager::Secret').flatMap(({ Properties }) =>
      Properties.Name === undefined ? [] : [Properties.Name],
    );
    const expected = [...(list?.clients.keys() ?? [])].map((id) => `${list?.clientSecretPrefix}${id}/token`);
    expect(names).toEqual(expected);
    expect(apiKeySecretId !== undefined).toBe(config.task?.scrapeEngine === 'webscraping-ai');
  });

  test('writes the list that the service reads', () => {
    const { MCP_AUTH_TOKENS } = containerEnvironment(template(config));
    expect(MCP_AUTH_TOKENS).toBe(`aws-secretsmanager:${list?.tokensSecretId}`);
  });

  test('fits the 4 KB of a function’s environment', () => {
    expect(JSON.stringify(variables(config)).length).toBeLessThan(4096);
  });
});

describe('a client that the stack accepts', () => {
  test.each([
    [{ clientId: 'a'.repeat(64) }],
    [{ clientId: 'A.b@c_d-9' }],
    [{ scopes: ['!#[]^_`{|}~', 'files:read', 'https://example.com/x'] }],
    [{ scopes: ['x'.repeat(64)] }],
    [{ scopes: Array.from({ length: 32 }, (_, index) => `s${index}`) }],
  ])('%j is also valid in the list that the service reads', (options) => {
    const client = { ...ci, ...options };
    expect(() => stack({ ...stages.dev, secrets: { clients: [client] } })).not.toThrow();
    const token = {
      sha256: 'a'.repeat(64),
      expiresAt: '2999-01-01T00:00:00.000Z',
      versionId: 'v'.repeat(64),
    };
    const [known] = parseTokenDocument(publish('{"tokens":[]}', token, { ...client, now: 0 }));
    expect(known?.principal).toEqual({ clientId: client.clientId, scopes: new Set(client.scopes) });
  });
});

describe('the function’s environment', () => {
  const told = variables(stages.prod);
  test.each([
    ['CLIENTS', '{"ci":{}}'],
    ['CLIENTS', 'ci'],
    ['CLIENT_SECRET_PREFIX', ''],
    ['GRACE_PERIOD_HOURS', 'soon'],
  ])('is refused when %s is %j', (name, value) => {
    expect(() => parseRotationEnvironment({ ...told, [name]: value })).toThrow();
  });
});
