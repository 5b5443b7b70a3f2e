import { describe, expect, test } from '@jest/globals';
import { combinations, s3PrefixListId, vpc } from './combinations.ts';
import { containerEnvironment } from './container-environment.ts';
import { stages, unlisted } from './stages.ts';
import { all, only, stack, template } from './synthesize.ts';

const METADATA = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp'];

function forwardedPaths(found: ReturnType<typeof template>): string[] {
  return all(found, 'AWS::ElasticLoadBalancingV2::ListenerRule').flatMap(({ Properties }) => {
    expect(Properties.Actions).toEqual([expect.objectContaining({ Type: 'forward' })]);
    return Properties.Conditions[0].PathPatternConfig.Values;
  });
}

function webAcl(found: ReturnType<typeof template>): string {
  return JSON.stringify(only(found, 'AWS::WAFv2::WebACL').Properties);
}

describe('a stage with task.oauth', () => {
  const found = template(combinations.oauth);

  test('tells the service the issuer to the letter, the audience and the keys', () => {
    expect(containerEnvironment(found)).toMatchObject({
      MCP_AUTH_MODE: 'oauth',
      MCP_OAUTH_ISSUER: 'https://login.example.com/tenant/',
      MCP_OAUTH_AUDIENCE: 'api://mcp',
      MCP_OAUTH_JWKS_URL: 'https://keys.example.com/jwks?version=2',
      MCP_OAUTH_SCOPE_PREFIX: 'api://mcp/',
    });
  });

  test('has no token list: no secret, no variable, no output, no permission', () => {
    const secrets = all(found, 'AWS::SecretsManager::Secret');
    expect(secrets.map(({ Properties }) => Properties.Description)).toEqual([
      expect.stringMatching(/^Denied users, clients, tools and protocol versions/),
      "Key of the audit chain's HMAC",
    ]);
    expect(containerEnvironment(found)).not.toHaveProperty('MCP_AUTH_TOKENS');
    expect(Object.keys(found.findOutputs('*')).sort()).toEqual([
      'AccessListSecretArn',
      'AuditLogGroupName',
      'LoadBalancerDnsName',
      'PageTopicArn',
      'TicketTopicArn',
      'Url',
    ]);
    expect(JSON.stringify(found.toJSON())).not.toMatch(/SecretsTokens|TokensSecretArn/);
  });

  test('serves the metadata that tells clients their issuer, without a token', () => {
    expect(forwardedPaths(found)).toEqual(['/mcp', ...METADATA]);
  });

  test('the firewall knows the metadata, and only here', () => {
    for (const path of METADATA) {
      expect(webAcl(found)).toContain(`"${path}"`);
      expect(webAcl(template(stages.prod))).not.toContain(path);
    }
  });

  test('raises an alarm when the keys of the issuer cannot be fetched', () => {
    found.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'Mcp-test-IssuerKeysFailed',
      MetricName: 'IssuerKeysFailed',
      Threshold: 3,
      Period: 300,
      EvaluationPeriods: 1,
    });
    found.hasResourceProperties('AWS::Logs::MetricFilter', {
      FilterPattern: '{ ($.type = "log") && ($.event = "issuer_keys_failed") }',
    });
  });
});

test('without task.oauth the metadata reaches no task: the load balancer itself answers 404', () => {
  const found = template(stages.prod);
  expect(forwardedPaths(found)).toEqual(['/mcp']);
  const [{ Type, FixedResponseConfig }] = only(found, 'AWS::ElasticLoadBalancingV2::Listener').Properties
    .DefaultActions;
  expect([Type, FixedResponseConfig.StatusCode]).toEqual(['fixed-response', '404']);
});

describe('with egress endpoints', () => {
  const endpoints = { egress: 'endpoints', s3PrefixListId } as const;
  const withIssuer = (oauth: { issuer: string; jwksUrl?: string }, network: object) => () =>
    stack({ ...unlisted, network: { ...endpoints, ...network }, task: { oauth } });
  const outside = { issuer: 'https://login.example.com' };
  const cognito = { issuer: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEf123' };
  const api = 'https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/keys';

  test('an issuer on the internet fails, with what to do', () => {
    expect(withIssuer(outside, {})).toThrow(
      'task.oauth.issuer must be reachable without an internet route: set network.egress to nat, or keep the keys at an AWS service that network.endpoints names, such as execute-api for a private API, got "https://login.example.com"',
    );
  });

  test('Cognito fails even with its endpoint, which serves no user pool that clients can sign in at', () => {
    expect(withIssuer(cognito, { endpoints: ['cognito-idp'] })).toThrow(
      /^task\.oauth\.issuer must not be Cognito's with network\.egress endpoints: .* set network\.egress to nat, got "https:\/\/cognito-idp/,
    );
  });

  test('keys at a service whose endpoint is named are reached, wherever the issuer is', () => {
    expect(withIssuer({ ...outside, jwksUrl: api }, { endpoints: ['execute-api'] })).not.toThrow();
    expect(withIssuer({ issuer: api }, { endpoints: ['sqs', 'execute-api'] })).not.toThrow();
  });

  test.each([
    ['its endpoint is not named', api, ['sqs']],
    ['it is in another region', api.replace('us-east-1', 'eu-west-1'), ['execute-api']],
    ['it only looks like it', 'https://evil-execute-api.us-east-1.amazonaws.com/', ['execute-api']],
    ['it only begins like it', `${api.replace('/prod/keys', '')}.example.com/`, ['execute-api']],
  ])('keys at a service fail when %s', (_why, jwksUrl, services) => {
    expect(withIssuer({ ...outside, jwksUrl }, { endpoints: services })).toThrow(
      'task.oauth.jwksUrl must be reachable without an internet route',
    );
  });

  test('in a VPC that exists its endpoints are its owner’s matter', () => {
    const existing = { ...vpc, endpointSecurityGroupId: 'sg-0123456789abcdef0' };
    expect(withIssuer(outside, { vpc: existing })).not.toThrow();
  });
});

test.each([
  [{}, 'task.oauth.issuer must be given'],
  [{ issuer: 1 }, 'task.oauth.issuer must be a string, got 1'],
  [{ issuers: [] }, 'task.oauth.issuers is not an option (did you mean issuer?)'],
  [{ issuer: 'https://login.example.com', jwksUri: 'x' }, 'task.oauth.jwksUri is not an option'],
])('task.oauth fails on %j', (oauth, message) => {
  expect(() => stack({ ...unlisted, task: { oauth: oauth as { issuer: string } } })).toThrow(message);
});
