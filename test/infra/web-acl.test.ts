import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { capacity } from '../../cli/cost/resources/firewalls.ts';
import { COUNTRY_CODES } from '../../infra/constructs/web-acl/country-codes.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { hasMetadata } from './combinations.ts';
import { decide, type Seen } from './firewall.ts';
import { ENDS } from './option-ends.ts';
import { stages } from './stages.ts';
import { only, type Resource, stack, stageNames, template } from './synthesize.ts';

type Rule = Resource['Properties'];

describe.each(stageNames)('the web ACL of %s', (name) => {
  const found = template(stages[name]);
  const { Rules: rules, ...acl } = only(found, 'AWS::WAFv2::WebACL').Properties;

  test('stands before the load balancer', () => {
    found.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: Match.stringLikeRegexp('^Edge') },
      WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WebAcl'), 'Arn'] },
    });
    expect(acl.Scope).toBe('REGIONAL');
  });

  test('evaluates its rules in this order, and none of them allows', () => {
    const order = [
      'UnknownHost',
      'UnknownPath',
      'McpMethod',
      ...(hasMetadata(stages[name]) ? ['MetadataMethod'] : []),
      'QueryString',
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
      'BodyRulesElsewhere',
      'RateLimitPerIpAndTool',
      'RateLimitPerIpWithoutToken',
      'RateLimitPerIp',
      'RateLimitTotal',
    ];
    expect(rules.map(({ Name, Priority }: Rule) => [Priority, Name])).toEqual(
      order.map((rule, index) => [index * 10, rule]),
    );
    // An allow ends the evaluation: above a rate rule it lifts the rate.
    expect(acl.DefaultAction).toEqual({ Allow: {} });
    for (const { Action, OverrideAction } of rules) {
      if (Action) expect(Object.keys(Action)).toEqual(['Block']);
      else expect(OverrideAction).toEqual({ None: {} });
    }
  });

  test('costs no more than the 1500 capacity units that a request pays for', () => {
    const total = rules.reduce((sum: number, { Statement }: Rule) => sum + capacity(Statement), 0);
    expect(total).toBeLessThanOrEqual(1500);
  });

  test('answers in JSON, briefly, and names nothing internal', () => {
    for (const body of Object.values<{ ContentType: string; Content: string }>(acl.CustomResponseBodies)) {
      expect(body.ContentType).toBe('APPLICATION_JSON');
      expect(body.Content.length).toBeLessThan(200);
      expect(JSON.parse(body.Content)).toEqual(
        body.Content.startsWith('{"error"')
          ? { error: expect.any(String), error_description: expect.any(String) }
          : {
              jsonrpc: '2.0',
              id: null,
              error: expect.objectContaining({ code: expect.any(Number), message: expect.any(String) }),
            },
      );
    }
  });

  test('shows credentials, queries and bodies to nobody: not in logs, not in the samples of the console', () => {
    const substitute = (field: object) => ({ Field: field, Action: 'SUBSTITUTION' });
    expect(acl.DataProtectionConfig.DataProtections).toEqual([
      substitute({ FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization', 'cookie'] }),
      substitute({ FieldType: 'QUERY_STRING' }),
      substitute({ FieldType: 'BODY' }),
    ]);
  });

  test('logs what it blocks or counts, without credentials, to an encrypted group of the name WAF demands', () => {
    const logging = only(found, 'AWS::WAFv2::LoggingConfiguration').Properties;
    expect(logging.RedactedFields).toEqual([
      { SingleHeader: { Name: 'authorization' } },
      { SingleHeader: { Name: 'cookie' } },
    ]);
    expect(logging.LoggingFilter).toEqual({
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
            ActionCondition: { Action },
          })),
        },
      ],
    });
    found.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        LogGroupName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^aws-waf-logs-')])] },
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogKey'), 'Arn'] },
        RetentionInDays: 365,
      },
    });
    const [destination] = logging.LogDestinationConfigs;
    expect(JSON.stringify(destination)).not.toContain(':*');
  });

  test('has every rule explained where an operator looks, and no rule that is gone', () => {
    const runbook = readFileSync(new URL('../../RUNBOOK.md', import.meta.url), 'utf8');
    const [, article = ''] = /^## BlockedRequests\n([\s\S]*?)^## /m.exec(runbook) ?? [];
    const rows = [...article.matchAll(/^\| (`.*`) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)…?`/g)].map(([, rule = '']) => rule),
    );
    const optional = ['MetadataMethod', 'BlockedCidrs', 'OtherCountries'];
    const names = new Set<string>([...rules.map(({ Name }: Rule) => Name), ...optional]);
    for (const rule of names) expect(rows.filter((row) => rule.startsWith(row))).toHaveLength(1);
    for (const row of rows) expect([...names].filter((rule) => rule.startsWith(row))).not.toEqual([]);
  });

  test('has metrics for itself and every rule', () => {
    for (const { VisibilityConfig } of [acl, ...rules]) {
      expect(VisibilityConfig).toMatchObject({
        CloudWatchMetricsEnabled: true,
        SampledRequestsEnabled: true,
      });
    }
  });
});

describe('web ACL options', () => {
  type Options = NonNullable<StageConfig['webAcl']>;
  function firewall(webAcl: Options, task: StageConfig['task'] = stages.prod.task) {
    const found = template({ ...stages.prod, task, webAcl });
    const acl = only(found, 'AWS::WAFv2::WebACL').Properties;
    const host = stages.prod.domain.domainName;
    const verdict = (seen: Seen) => decide(acl, { ...seen, headers: { host, ...seen.headers } });
    const limits: number[] = acl.Rules.flatMap(({ Statement: { RateBasedStatement: rate } }: Rule) =>
      rate ? [rate.Limit] : [],
    );
    return { found, acl, verdict, limits };
  }

  test.each<[Options, number[]]>([
    [
      {
        toolRateLimitPer5Min: 10,
        unauthenticatedRateLimitPer5Min: 20,
        rateLimitPer5Min: 30,
        totalRateLimitPer5Min: 40,
      },
      [10, 20, 30, 40],
    ],
    [{ rateLimitPer5Min: 100 }, [100, 100, 100, 100_000]],
    [{ rateLimitPer5Min: 200_000 }, [500, 200, 200_000, 200_000]],
  ])('rates of %j are %j: by default none is out of reach of a wider one', (options, limits) => {
    expect(firewall(options).limits).toEqual(limits);
  });

  test('blockedCidrs are refused', () => {
    const blockedCidrs = ['192.0.2.0/24', '198.51.100.7/32'];
    const { found, acl, verdict } = firewall({ blockedCidrs });
    expect(only(found, 'AWS::WAFv2::IPSet').Properties).toEqual({
      Scope: 'REGIONAL',
      IPAddressVersion: 'IPV4',
      Addresses: blockedCidrs,
    });
    expect(verdict({ inIpSet: 'BlockedCidrs' })).toMatchObject({
      rule: 'BlockedCidrs',
      status: 403,
      counted: [],
    });
    expect(verdict({ inIpSet: 'SharedCidrs' }).rule).toBeUndefined();
    const { Statement } = acl.Rules.find(({ Name }: Rule) => Name === 'BlockedCidrs');
    const arn = { 'Fn::GetAtt': [expect.stringMatching(/^WebAclBlockedCidrs/), 'Arn'] };
    expect(Statement).toEqual({ IPSetReferenceStatement: { Arn: arn } });
    template(stages.prod).resourceCountIs('AWS::WAFv2::IPSet', 0);
  });

  test('only allowedCountries are allowed', () => {
    const { verdict } = firewall({ allowedCountries: ['DE', 'FR'] });
    expect(verdict({ country: 'FR' }).rule).toBeUndefined();
    expect(verdict({ country: 'US' })).toMatchObject({ rule: 'OtherCountries', status: 403, counted: [] });
  });

  test('more countries than a statement takes are in several, of which one must match', () => {
    const { Rules: all } = only(template(ENDS.upper.nat), 'AWS::WAFv2::WebACL').Properties;
    const { Statement } = all.find(({ Name }: Rule) => Name === 'OtherCountries');
    const lists = Statement.NotStatement.Statement.OrStatement.Statements.map(
      ({ GeoMatchStatement }: Rule) => GeoMatchStatement.CountryCodes,
    );
    expect(lists.map((codes: string[]) => codes.length)).toEqual([50, 50, 50, 50, 50]);
    expect(lists.flat()).toEqual(COUNTRY_CODES);
  });

  test('countOnlyRules only count, besides those that do anyway', () => {
    const matches = ['UserAgent_BadBots_HEADER', 'Log4JRCE_HEADER', 'SizeRestrictions_BODY'];
    const { verdict } = firewall({
      countOnlyRules: [
        'AWSManagedRulesCommonRuleSet/UserAgent_BadBots_HEADER',
        'AWSManagedRulesKnownBadInputsRuleSet/Log4JRCE_HEADER',
      ],
    });
    expect(verdict({ matches }).rule).toBeUndefined();
    expect(verdict({ matches: [...matches, 'AWSManagedIPReputationList'] }).status).toBe(403);
  });

  test('task.allowedOrigins lets pages ask first, and read why they are refused', () => {
    const allowedOrigins = ['https://app.example.com'];
    const { verdict } = firewall({}, { ...stages.prod.task, allowedOrigins });
    expect(verdict({ method: 'OPTIONS' }).rule).toBeUndefined();
    const refused = [
      verdict({ method: 'PUT' }),
      verdict({ over: ['RateLimitPerIp'] }),
      verdict({ matches: ['UserAgent_BadBots_HEADER'] }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([405, 429, 403]);
    for (const { headers } of refused) {
      expect(headers).toMatchObject({
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Expose-Headers': 'Retry-After',
      });
    }
    // Bodies are read where tools are called only.
    const preflight: Seen = { method: 'OPTIONS', matches: ['GenericRFI_BODY'] };
    expect(verdict(preflight).rule).toBe('BodyRulesElsewhere');
  });

  test.each([
    [
      { blockedCidrs: ['0.0.0.0/0'] },
      'webAcl.blockedCidrs must be an IPv4 range from /1 to /32 without host bits, such as 192.0.2.0/24, got',
    ],
    [{ allowedCountries: [] }, 'webAcl.allowedCountries must be a list of 1 to 250, got 0'],
    [{ allowedCountries: ['UK'] }, 'such as DE, in capitals (the United Kingdom is GB), got "UK"'],
    [{ allowedCountries: ['de'] }, 'webAcl.allowedCountries must be an ISO 3166 code of a country'],
    [
      { countOnlyRules: ['NoUserAgent_HEADER'] },
      'webAcl.countOnlyRules must be GROUP/RULE with a group of AWSManaged',
    ],
    [
      { countOnlyRules: ['AWSManagedRulesSQLiRuleSet/SQLi_BODY'] },
      'webAcl.countOnlyRules must be GROUP/RULE',
    ],
    [{ countOnlyRules: ['AWSManagedRulesCommonRuleSet/GenericLFI_BODY'] }, 'each once, got'],
    [{ rateLimitPer5Min: 9 }, 'rateLimitPer5Min must be a whole number from 10 to 2000000000, got 9'],
    [
      { rateLimitPer5Min: 100, toolRateLimitPer5Min: 101 },
      'webAcl.toolRateLimitPer5Min must be a whole number from 10 to 100, got 101',
    ],
    [
      { unauthenticatedRateLimitPer5Min: 9 },
      'webAcl.unauthenticatedRateLimitPer5Min must be a whole number from 10 to 1000, got 9',
    ],
    [
      { totalRateLimitPer5Min: 999 },
      'webAcl.totalRateLimitPer5Min must be a whole number from 1000 to 2000000000, got 999',
    ],
    [
      { logRetentionDays: 42 },
      'logRetentionDays must be a value CloudWatch Logs accepts (e.g. 90, 365, 3653), got 42',
    ],
  ])('fails on %j', (webAcl, message) => {
    expect(() => stack({ ...stages.dev, webAcl })).toThrow(message);
  });
});
