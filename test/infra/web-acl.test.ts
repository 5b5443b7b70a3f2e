import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { stages } from './stages.ts';
import { only, stack, stageNames, template } from './synthesize.ts';

describe.each(stageNames)('the web ACL of %s', (name) => {
  const found = template(stages[name]);
  const { Rules: rules, ...acl } = only(found, 'AWS::WAFv2::WebACL').Properties;
  const rule = (wanted: string) => rules.find(({ Name }: { Name: string }) => Name === wanted);

  test('stands before the load balancer', () => {
    found.hasResourceProperties('AWS::WAFv2::WebACLAssociation', {
      ResourceArn: { Ref: Match.stringLikeRegexp('^Edge') },
      WebACLArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^WebAcl'), 'Arn'] },
    });
    expect(acl.Scope).toBe('REGIONAL');
  });

  test('evaluates its rules in this order, and none of them allows', () => {
    const byPriority = [...rules].sort((a, b) => a.Priority - b.Priority);
    expect(byPriority.map(({ Name }: { Name: string }) => Name)).toEqual([
      'RateLimitPerIp',
      'RateLimitPerIpAndTool',
      'UnknownHost',
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
    ]);
    expect(acl.DefaultAction).toEqual({ Allow: {} });
    for (const { Action, OverrideAction } of rules) {
      if (Action) expect(Object.keys(Action)).toEqual(['Block']);
      else expect(OverrideAction).toEqual({ None: {} });
    }
  });

  test('answers 429 with Retry-After to a source IP above rateLimitPer5Min', () => {
    expect(rule('RateLimitPerIp')).toMatchObject({
      Statement: { RateBasedStatement: { Limit: 1000, EvaluationWindowSec: 300, AggregateKeyType: 'IP' } },
      Action: {
        Block: {
          CustomResponse: {
            ResponseCode: 429,
            CustomResponseBodyKey: 'rate-limited',
            ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }],
          },
        },
      },
    });
  });

  test('counts calls by source IP and tool, with the plain IP rule above for requests without the header', () => {
    expect(rule('RateLimitPerIpAndTool')).toMatchObject({
      Statement: {
        RateBasedStatement: {
          Limit: 500,
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: [{ IP: {} }, { Header: { Name: 'mcp-name' } }],
          ScopeDownStatement: {
            ByteMatchStatement: {
              FieldToMatch: { SingleHeader: { Name: 'mcp-method' } },
              SearchString: 'tools/call',
              PositionalConstraint: 'EXACTLY',
            },
          },
        },
      },
      Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
    });
  });

  test('answers 403 to any host name but the one served', () => {
    const { OrStatement } = rule('UnknownHost').Statement.NotStatement.Statement;
    const names = OrStatement.Statements.map(
      ({ ByteMatchStatement }: { ByteMatchStatement: Record<string, unknown> }) => {
        expect(ByteMatchStatement).toMatchObject({
          FieldToMatch: { SingleHeader: { Name: 'host' } },
          PositionalConstraint: 'EXACTLY',
        });
        return ByteMatchStatement['SearchString'];
      },
    );
    expect(names).toEqual([stages[name].domain.domainName, `${stages[name].domain.domainName}:443`]);
    expect(rule('UnknownHost').Action).toEqual({
      Block: { CustomResponse: { ResponseCode: 403, CustomResponseBodyKey: 'forbidden' } },
    });
  });

  test('only counts the common rules that misread tool text in bodies, and blocks by the others', () => {
    const overrides = rule('AWSManagedRulesCommonRuleSet').Statement.ManagedRuleGroupStatement
      .RuleActionOverrides;
    expect(overrides).toEqual(
      [
        'SizeRestrictions_BODY',
        'EC2MetaDataSSRF_BODY',
        'GenericLFI_BODY',
        'GenericRFI_BODY',
        'CrossSiteScripting_BODY',
      ].map((Name) => ({ Name, ActionToUse: { Count: {} } })),
    );
    for (const group of ['AWSManagedRulesAmazonIpReputationList', 'AWSManagedRulesKnownBadInputsRuleSet']) {
      expect(rule(group).Statement.ManagedRuleGroupStatement).toEqual({ VendorName: 'AWS', Name: group });
    }
  });

  test('answers with JSON-RPC errors that name nothing internal', () => {
    expect(Object.keys(acl.CustomResponseBodies).sort()).toEqual(['forbidden', 'rate-limited']);
    for (const body of Object.values<{ ContentType: string; Content: string }>(acl.CustomResponseBodies)) {
      expect(body.ContentType).toBe('APPLICATION_JSON');
      expect(JSON.parse(body.Content)).toEqual({
        jsonrpc: '2.0',
        id: null,
        error: { code: expect.any(Number), message: expect.any(String) },
      });
    }
  });

  test('logs what it blocks or counts, without credentials, to an encrypted group of the name WAF demands', () => {
    const logging = only(found, 'AWS::WAFv2::LoggingConfiguration').Properties;
    expect(logging.RedactedFields).toEqual([
      { SingleHeader: { Name: 'authorization' } },
      { SingleHeader: { Name: 'cookie' } },
    ]);
    expect(JSON.stringify(logging.LoggingFilter)).toMatch(/"BLOCK".*"COUNT"/);
    expect(logging.LoggingFilter.DefaultBehavior).toBe('DROP');
    found.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'Retain',
      Properties: {
        LogGroupName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^aws-waf-logs-')])] },
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogKey'), 'Arn'] },
        RetentionInDays: 90,
      },
    });
    const [destination] = logging.LogDestinationConfigs;
    expect(JSON.stringify(destination)).not.toContain(':*');
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
  test('rateLimitPer5Min and toolRateLimitPer5Min set the limits', () => {
    const found = template({ ...stages.prod, webAcl: { rateLimitPer5Min: 300, toolRateLimitPer5Min: 100 } });
    const { Rules } = only(found, 'AWS::WAFv2::WebACL').Properties;
    const limits = Rules.flatMap(
      ({ Statement }: { Statement: { RateBasedStatement?: { Limit: number } } }) =>
        Statement.RateBasedStatement ? [Statement.RateBasedStatement.Limit] : [],
    );
    expect(limits).toEqual([300, 100]);
  });

  test.each([
    [{ rateLimitPer5Min: 9 }, 'rateLimitPer5Min must be a whole number from 10 to 2000000000, got 9'],
    [{ rateLimitPer5Min: 100 }, 'toolRateLimitPer5Min must be a whole number from 10 to 100, got 500'],
    [
      { logRetentionDays: 42 },
      'logRetentionDays must be a value CloudWatch Logs accepts (e.g. 90, 365, 3653), got 42',
    ],
  ])('fails on %j', (webAcl, message) => {
    expect(() => stack({ ...stages.dev, webAcl })).toThrow(message);
  });
});
