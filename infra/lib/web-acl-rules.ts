import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { assertMatches, NOTHING } from './validation.ts';

type Rule = Omit<CfnWebACL.RuleProperty, 'priority' | 'visibilityConfig'>;

/** Bodies of the firewall's own answers, shaped as JSON-RPC errors because that is what MCP clients parse. */
export const RESPONSE_BODIES: Record<string, CfnWebACL.CustomResponseBodyProperty> = {
  forbidden: body(-32_600, 'Send a Host header that names this server'),
  'rate-limited': body(429, 'Too many requests; retry after the time in Retry-After'),
};

export interface WebAclRulesProps {
  readonly domainName: string;
  readonly perIp: number;
  readonly perIpAndTool: number;
  /** Set of the addresses that are always blocked; absent when there are none. */
  readonly blockedIpSetArn?: string;
  /** `GROUP/RULE` of more rules that only count. */
  readonly countedRules: readonly string[];
}

/**
 * The rules, in the order a request meets them. None allows: an allow would end the evaluation and lift every rule
 * below it. Rate rules stand first, so that requests which a later rule blocks count as well.
 */
export function webAclRules(props: WebAclRulesProps): Rule[] {
  const { domainName, perIp, perIpAndTool, blockedIpSetArn } = props;
  const counted = countedByGroup(props.countedRules);
  return [
    ...(blockedIpSetArn === undefined
      ? []
      : [
          {
            name: 'BlockedCidrs',
            action: { block: {} },
            statement: { ipSetReferenceStatement: { arn: blockedIpSetArn } },
          },
        ]),
    {
      name: 'RateLimitPerIp',
      action: BLOCK_429,
      statement: {
        rateBasedStatement: { limit: perIp, evaluationWindowSec: 300, aggregateKeyType: 'IP' },
      },
    },
    {
      // A request without the header escapes this rule (clients older than 2026-07-28 send none); the one above
      // stands under it. That the header names the tool in the body is the service's check.
      name: 'RateLimitPerIpAndTool',
      action: BLOCK_429,
      statement: {
        rateBasedStatement: {
          limit: perIpAndTool,
          evaluationWindowSec: 300,
          aggregateKeyType: 'CUSTOM_KEYS',
          customKeys: [
            { ip: {} },
            { header: { name: 'mcp-name', textTransformations: [{ priority: 0, type: 'NONE' }] } },
          ],
          scopeDownStatement: headerIs('mcp-method', 'tools/call', 'NONE'),
        },
      },
    },
    {
      // Scanners connect by address. Nothing but the one name is served here.
      name: 'UnknownHost',
      action: { block: { customResponse: { responseCode: 403, customResponseBodyKey: 'forbidden' } } },
      statement: {
        notStatement: {
          statement: {
            orStatement: {
              statements: [
                headerIs('host', domainName, 'LOWERCASE'),
                headerIs('host', `${domainName}:443`, 'LOWERCASE'),
              ],
            },
          },
        },
      },
    },
    ...Object.entries(counted).map(([group, rules]) => managed(group, rules)),
  ];
}

/**
 * AWS's groups in their order, each with the rules that only count. Tool arguments are prose, HTML, paths, addresses
 * and more than 8 KB: rules that read bodies for those only count, so that the log still shows them; the service bounds
 * and validates what it parses.
 */
function countedByGroup(more: readonly string[]): Record<string, string[]> {
  const counted: Record<string, string[]> = {
    AWSManagedRulesAmazonIpReputationList: [],
    AWSManagedRulesKnownBadInputsRuleSet: [],
    AWSManagedRulesCommonRuleSet: [
      'SizeRestrictions_BODY',
      'EC2MetaDataSSRF_BODY',
      'GenericLFI_BODY',
      'GenericRFI_BODY',
      'CrossSiteScripting_BODY',
    ],
  };
  const rule = `GROUP/RULE with a group of ${Object.keys(counted).join(', ')}, each once`;
  for (const entry of more) {
    const [, group = '', name = ''] = /^(AWSManaged\w+)\/([\w-]+)$/.exec(entry) ?? [];
    const rules = counted[group];
    if (rules === undefined || rules.includes(name))
      assertMatches('webAcl.countedRules', entry, NOTHING, rule);
    else rules.push(name);
  }
  return counted;
}

// As long as the window: an address is let in again when what it sent in the last five minutes is under the limit.
const BLOCK_429: CfnWebACL.RuleActionProperty = {
  block: {
    customResponse: {
      responseCode: 429,
      customResponseBodyKey: 'rate-limited',
      responseHeaders: [{ name: 'Retry-After', value: '300' }],
    },
  },
};

function managed(name: string, countOnly: readonly string[]): Rule {
  const overrides = countOnly.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  return {
    name,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        // CloudFormation refuses an empty list.
        ruleActionOverrides: overrides.length > 0 ? overrides : undefined,
      },
    },
  };
}

function headerIs(name: string, value: string, transformation: string): CfnWebACL.StatementProperty {
  return {
    byteMatchStatement: {
      fieldToMatch: { singleHeader: { Name: name } },
      positionalConstraint: 'EXACTLY',
      searchString: value,
      textTransformations: [{ priority: 0, type: transformation }],
    },
  };
}

function body(code: number, message: string): CfnWebACL.CustomResponseBodyProperty {
  return {
    contentType: 'APPLICATION_JSON',
    content: JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }),
  };
}
