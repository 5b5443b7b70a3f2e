import { describe, expect, test } from '@jest/globals';
import { assertHardened } from '../../infra/rules/hardened.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { METADATA_PATHS } from '../../service/environment/bounds.ts';
import { combinations, withMetadata } from './combinations.ts';
import { decide, type Seen, type Verdict } from './firewall.ts';
import { stages } from './stages.ts';
import { only, type Resource, stageNames, template } from './templates.ts';
import { variants } from './variants.ts';

type Rule = Resource['Properties'];

const BODY_RULES = [
  'SizeRestrictions_BODY',
  'EC2MetaDataSSRF_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'CrossSiteScripting_BODY',
];
const EXPLOITS = ['JavaDeserializationRCE_BODY', 'Log4JRCE_BODY', 'ReactJSRCE_BODY'];
/** Rules that a legitimate client matches without any text: by a missing header, and by a browser's additions. */
const MANNERS = [
  'NoUserAgent_HEADER',
  'SizeRestrictions_Cookie_HEADER',
  'EC2MetaDataSSRF_COOKIE',
  'CrossSiteScripting_COOKIE',
];
const COUNTED: Readonly<Record<string, readonly string[]>> = {
  AWSManagedRulesCommonRuleSet: [...BODY_RULES, ...MANNERS],
  AWSManagedRulesKnownBadInputsRuleSet: EXPLOITS,
};

/** The firewall's action for a request; the default host is that of the stage. */
function firewallOf(config: StageConfig): { rules: Rule[]; verdict: (seen: Seen) => Verdict } {
  const acl = only(template(config), 'AWS::WAFv2::WebACL').Properties;
  const host = config.domain.domainName;
  return { rules: acl.Rules, verdict: (seen) => decide(acl, { headers: { host }, ...seen }) };
}

describe.each(stageNames)('the firewall of %s', (name) => {
  const host = stages[name].domain.domainName;
  const { rules, verdict } = firewallOf(stages[name]);

  test.each<[Seen]>([
    [{}],
    [{ headers: { host: `${host.toUpperCase()}:443` } }],
    [{ headers: { host, 'mcp-method': 'tools/call', 'mcp-name': 'echo', authorization: 'Bearer x' } }],
  ])('allows the requests of the protocol: %j', (seen) => {
    expect(verdict(seen)).toEqual({ counted: expect.any(Array) });
  });

  test.each<[string, number, Seen]>([
    ['UnknownHost', 403, { headers: { host: '192.0.2.1' } }],
    ['UnknownHost', 403, { headers: { host: `evil.${host}` } }],
    ['UnknownHost', 403, { headers: { host: `${host}:8443` } }],
    ['UnknownHost', 403, { headers: {} }],
    ['UnknownHost', 403, { headers: { host: 'evil.example.com' }, path: '/other' }],
    ...[
      '/',
      '/mcp/',
      '/MCP',
      '/%6dcp',
      '/mcp;a=b',
      '//mcp',
      '/mcp/..',
      '/healthz',
      '/.env',
      '/.well-known/oauth-protected-resource/',
    ].map((path): [string, number, Seen] => ['UnknownPath', 404, { path }]),
    ['UnknownPath', 404, { method: 'GET', path: '/.well-known/oauth-authorization-server' }],
    ...['PUT', 'PATCH', 'OPTIONS', 'TRACE', 'post', 'get'].map((method): [string, number, Seen] => [
      'McpMethod',
      405,
      { method },
    ]),
    ['QueryString', 400, { query: 'access_token=secret' }],
    ['QueryString', 400, { query: 'a' }],
  ])('ends by %s with %i: %j', (rule, status, seen) => {
    expect(verdict(seen)).toMatchObject({ rule, status, counted: [] });
  });

  test('tells with a refused method which is served', () => {
    expect(verdict({ method: 'PUT' }).headers).toEqual({ Allow: 'POST' });
  });

  test.each(['GET', 'HEAD', 'DELETE'])(
    'leaves %s to the service, which says whether the token is wrong',
    (method) => {
      expect(verdict({ method }).rule).toBeUndefined();
    },
  );

  test('lets tool text through that the common rules misread, and more than 8 KB of it', () => {
    expect(verdict({ matches: [...BODY_RULES, ...EXPLOITS] }).rule).toBeUndefined();
    for (const group of rules.map(({ Statement }: Rule) => Statement.ManagedRuleGroupStatement)) {
      const counted = (group?.RuleActionOverrides ?? [])
        .filter(({ ActionToUse }: Rule) => ActionToUse.Count)
        .map(({ Name }: Rule) => Name);
      expect(counted).toEqual(COUNTED[group?.Name] ?? []);
    }
  });

  test.each([
    ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedIPReputationList'],
    ['AWSManagedRulesKnownBadInputsRuleSet', 'Log4JRCE_HEADER'],
    ['AWSManagedRulesCommonRuleSet', 'GenericLFI_URIPATH'],
    ['AWSManagedRulesCommonRuleSet', 'UserAgent_BadBots_HEADER'],
  ])('blocks by the other rules of %s, such as %s, on /mcp too', (rule, matched) => {
    expect(verdict({ matches: [...BODY_RULES, matched] })).toMatchObject({ rule, status: 403, counted: [] });
  });

  const call = { host, authorization: 'Bearer x', 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
  const { 'mcp-name': _name, ...nameless } = call;
  const { authorization: _token, ...tokenless } = call;
  test.each<[string, string[], Seen]>([
    ['a call of a tool', ['PerIpAndTool', 'PerIp', 'Total'], { headers: call }],
    ['a call that names no tool', ['PerIp', 'Total'], { headers: nameless }],
    ['another method with a name', ['PerIp', 'Total'], { headers: { ...call, 'mcp-method': 'prompts/get' } }],
    [
      'a call without a token',
      ['PerIpAndTool', 'PerIpWithoutToken', 'PerIp', 'Total'],
      { headers: tokenless },
    ],
    [
      'another scheme',
      ['PerIpWithoutToken', 'PerIp', 'Total'],
      { headers: { host, authorization: 'Basic x' } },
    ],
    ['the scheme in capitals', ['PerIp', 'Total'], { headers: { host, authorization: 'BEARER x' } }],
  ])('counts %s by %j', (_what, expected, seen) => {
    expect(verdict(seen).counted).toEqual(expected.map((rate) => `RateLimit${rate}`));
  });

  test.each(['PerIpAndTool', 'PerIpWithoutToken', 'PerIp', 'Total'].map((rate) => `RateLimit${rate}`))(
    'answers 429 with Retry-After above %s, and fills no wider rate with what it refuses',
    (rule) => {
      const refused = verdict({ headers: tokenless, over: [rule] });
      expect(refused).toMatchObject({ rule, status: 429, headers: { 'Retry-After': '300' } });
      expect(refused.counted.at(-1)).toBe(rule);
    },
  );

  test('counts by address, by address and tool, and all together, over five minutes', () => {
    const rates = rules.flatMap(({ Statement: { RateBasedStatement: rate } }: Rule) =>
      rate ? [[rate.AggregateKeyType, rate.CustomKeys, rate.Limit, rate.EvaluationWindowSec]] : [],
    );
    const name = { Name: 'mcp-name', TextTransformations: [{ Priority: 0, Type: 'NONE' }] };
    expect(rates).toEqual([
      ['CUSTOM_KEYS', [{ IP: {} }, { Header: name }], 500, 300],
      ['IP', undefined, 200, 300],
      ['IP', undefined, 1000, 300],
      ['CONSTANT', undefined, 100_000, 300],
    ]);
  });
});

describe('addresses that many people share', () => {
  const host = combinations.knownClients.domain.domainName;
  const { rules, verdict } = firewallOf(combinations.knownClients);
  const call = { host, 'mcp-method': 'tools/call', 'mcp-name': 'echo', authorization: 'Bearer x' };
  const counted = (seen: Seen) => verdict(seen).counted;

  test('are counted by token and not by address, when the request has one', () => {
    expect(counted({ headers: call, inIpSet: 'SharedCidrs' })).toEqual([
      'RateLimitPerToken',
      'RateLimitTotal',
    ]);
    const over = { over: ['RateLimitPerToken'] };
    expect(verdict({ headers: call, inIpSet: 'SharedCidrs', ...over })).toMatchObject({ status: 429 });
  });

  test.each<[string, Seen]>([
    ['without a token', { headers: { host }, inIpSet: 'SharedCidrs' }],
    ['with another scheme', { headers: { ...call, authorization: 'Basic x' }, inIpSet: 'SharedCidrs' }],
  ])('are counted by address %s', (_what, seen) => {
    expect(counted(seen)).toEqual(expect.arrayContaining(['RateLimitPerIpWithoutToken', 'RateLimitPerIp']));
  });

  test('change nothing for other addresses', () => {
    expect(counted({ headers: call })).toEqual(['RateLimitPerIpAndTool', 'RateLimitPerIp', 'RateLimitTotal']);
  });

  test('have the rate of an address for each token', () => {
    const rate = rules.find(({ Name }) => Name === 'RateLimitPerToken')?.['Statement'].RateBasedStatement;
    expect([rate.AggregateKeyType, rate.CustomKeys, rate.Limit]).toEqual([
      'CUSTOM_KEYS',
      [{ Header: { Name: 'authorization', TextTransformations: [{ Priority: 0, Type: 'NONE' }] } }],
      1000,
    ]);
  });
});

describe('the firewall before the metadata', () => {
  const { verdict } = firewallOf(withMetadata);
  const host = withMetadata.domain.domainName;
  const [path = ''] = METADATA_PATHS;

  test.each(METADATA_PATHS.flatMap((each) => ['GET', 'HEAD'].map((method) => [method, each] as const)))(
    'lets %s %s through',
    (method, each) => {
      expect(verdict({ method, path: each }).rule).toBeUndefined();
    },
  );

  test.each(
    METADATA_PATHS.flatMap((each) => ['POST', 'DELETE', 'OPTIONS'].map((method) => [method, each] as const)),
  )('answers %s %s with 405 and what is served', (method, each) => {
    expect(verdict({ method, path: each })).toMatchObject({
      rule: 'MetadataMethod',
      status: 405,
      headers: { Allow: 'GET, HEAD' },
    });
  });

  test('takes no query there either', () => {
    expect(verdict({ method: 'GET', path, query: 'a=b' })).toMatchObject({
      rule: 'QueryString',
      status: 400,
    });
  });

  test.each(MANNERS)('lets a client through that %s matches', (matched) => {
    expect(verdict({ method: 'GET', path, matches: [matched] }).rule).toBeUndefined();
  });

  test.each([...BODY_RULES, ...EXPLOITS])('blocks by %s, because no tool is called there', (matched) => {
    expect(verdict({ method: 'GET', path, matches: [matched] })).toMatchObject({
      rule: 'BodyRulesElsewhere',
      status: 403,
    });
  });

  test('counts it as a request without a token, whatever it brings', () => {
    const seen: Seen = { method: 'GET', path, headers: { host, authorization: 'Bearer x' } };
    expect(verdict(seen).counted).toEqual(['RateLimitPerIpWithoutToken', 'RateLimitPerIp', 'RateLimitTotal']);
  });
});

describe('with a minimum protocol version, the firewall', () => {
  const { dev } = stages;
  const { verdict } = firewallOf(variants.minimumVersion);
  const host = dev.domain.domainName;
  const sent = (version?: string): Seen => ({
    headers: { host, ...(version !== undefined && { 'mcp-protocol-version': version }) },
  });

  test.each(['2024-11-05', '2025-03-26', '2025-06-18'])('blocks the older revision %s', (version) => {
    expect(verdict(sent(version))).toMatchObject({ rule: 'OldProtocolVersion', status: 400 });
  });

  test.each(['2025-11-25', '2026-07-28', '2099-01-01', undefined])(
    'leaves %s to the service, which names the versions it supports',
    (version) => {
      expect(verdict(sent(version)).rule).toBeUndefined();
    },
  );

  test('is as the kit’s rules expect it', () => {
    const found = template(variants.minimumVersion).toJSON();
    expect(() => assertHardened(found, { production: false })).not.toThrow();
    const [, task] =
      Object.entries<Resource>(found['Resources']).find(
        ([, { Type }]) => Type === 'AWS::ECS::TaskDefinition',
      ) ?? [];
    expect(JSON.stringify(task)).toContain('"MCP_MINIMUM_PROTOCOL_VERSION","Value":"2025-11-25"');
  });

  test('has no such rule without the option', () => {
    expect(firewallOf(dev).verdict(sent('2024-11-05')).rule).toBeUndefined();
  });
});
