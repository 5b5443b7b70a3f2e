import { describe, expect, test } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { stages } from './stages.ts';
import { only, stack, stageNames, template } from './synthesize.ts';

/** A JSON document in a Fn::Join, its references replaced by their logical ids. */
function parsedJoin(value: { 'Fn::Join': [string, (string | Record<string, unknown>)[]] }) {
  const parts = value['Fn::Join'][1].map((part) =>
    typeof part === 'string' ? part : [Object.values(part)[0]].flat()[0],
  );
  return JSON.parse(parts.join(''));
}

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
            ResponseHeaders: [{ Name: 'Retry-After', Value: '300' }],
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
          EvaluationWindowSec: 300,
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
          TextTransformations: [{ Priority: 0, Type: 'LOWERCASE' }],
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
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        LogGroupName: { 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('^aws-waf-logs-')])] },
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^LogKey'), 'Arn'] },
        RetentionInDays: 90,
      },
    });
    const [destination] = logging.LogDestinationConfigs;
    expect(JSON.stringify(destination)).not.toContain(':*');
  });

  test('only log delivery for this account may write there', () => {
    const policies = Object.entries(found.findResources('AWS::Logs::ResourcePolicy'));
    const [, policy] = policies.find(([id]) => id.startsWith('WebAcl')) ?? [];
    expect(parsedJoin(policy?.['Properties'].PolicyDocument).Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: expect.stringMatching(/^WebAclLogGroup/),
        Condition: {
          StringEquals: { 'aws:SourceAccount': 'AWS::AccountId' },
          ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:AWS::AccountId:*' },
        },
      },
    ]);
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

  test('blockedCidrs are refused before any other rule', () => {
    const blockedCidrs = ['192.0.2.0/24', '198.51.100.7/32'];
    const found = template({ ...stages.prod, webAcl: { blockedCidrs } });
    expect(only(found, 'AWS::WAFv2::IPSet').Properties).toEqual({
      Scope: 'REGIONAL',
      IPAddressVersion: 'IPV4',
      Addresses: blockedCidrs,
    });
    const [first] = only(found, 'AWS::WAFv2::WebACL').Properties.Rules;
    expect(first).toMatchObject({
      Name: 'BlockedCidrs',
      Priority: 0,
      Action: { Block: {} },
      Statement: {
        IPSetReferenceStatement: {
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^WebAclBlockedCidrs/), 'Arn'] },
        },
      },
    });
    template(stages.prod).resourceCountIs('AWS::WAFv2::IPSet', 0);
  });

  test('countedRules only count, besides those that do anyway', () => {
    const countedRules = [
      'AWSManagedRulesCommonRuleSet/NoUserAgent_HEADER',
      'AWSManagedRulesKnownBadInputsRuleSet/JavaDeserializationRCE_BODY',
    ];
    const found = template({ ...stages.prod, webAcl: { countedRules } });
    const counted = only(found, 'AWS::WAFv2::WebACL').Properties.Rules.map(
      ({ Statement }: { Statement: Record<string, { RuleActionOverrides?: { Name: string }[] }> }) =>
        Statement['ManagedRuleGroupStatement']?.RuleActionOverrides?.map(({ Name }) => Name),
    );
    expect(counted.slice(4)).toEqual([
      ['JavaDeserializationRCE_BODY'],
      expect.arrayContaining(['SizeRestrictions_BODY', 'NoUserAgent_HEADER']),
    ]);
  });

  test.each([
    [
      { blockedCidrs: ['0.0.0.0/0'] },
      'webAcl.blockedCidrs must be an IPv4 range from /1 to /32 without host bits, such as 192.0.2.0/24, got',
    ],
    [
      { countedRules: ['NoUserAgent_HEADER'] },
      'webAcl.countedRules must be GROUP/RULE with a group of AWSManaged',
    ],
    [{ countedRules: ['AWSManagedRulesSQLiRuleSet/SQLi_BODY'] }, 'webAcl.countedRules must be GROUP/RULE'],
    [{ countedRules: ['AWSManagedRulesCommonRuleSet/GenericLFI_BODY'] }, 'each once, got'],
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
