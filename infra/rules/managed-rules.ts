import { every, must, type Rule } from './rule.ts';
import { listOf } from './synthesized-template.ts';

const ACL = 'AWS::WAFv2::WebACL';
const made = { file: 'infra/constructs/web-acl/managed-rules.ts' };

const GROUPS = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
  'AWSManagedRulesCommonRuleSet',
];

/** Checks that each group only counts these rules. */
function counts(rules: Readonly<Record<string, readonly string[]>>): Rule['check'] {
  return every(ACL, ({ Rules }) =>
    Object.entries(rules).flatMap(([group, names]) => {
      const rule = listOf(Rules).find(
        ({ Statement }) => Statement?.ManagedRuleGroupStatement?.Name === group,
      );
      const counted = listOf(rule?.['Statement']?.ManagedRuleGroupStatement?.RuleActionOverrides)
        .filter(({ ActionToUse }) => ActionToUse?.Count !== undefined)
        .map(({ Name }) => Name);
      return names.map((name) => !counted.includes(name) && `${group} must only count ${name}`);
    }),
  );
}

export const managedRuleRules: readonly Rule[] = [
  {
    id: 'BodyRulesBlockElsewhere',
    control: 'Matches of body rules, which only count on POST /mcp, are blocked everywhere else',
    fsbp: [],
    file: 'infra/constructs/web-acl/rules.ts',
    check: every(ACL, ({ Rules }) => [
      !listOf(Rules).some(
        (rule) =>
          rule['Action']?.Block !== undefined &&
          JSON.stringify(rule['Statement']).includes('LabelMatchStatement'),
      ) && 'Rules must block by the labels of the rules that only count',
    ]),
  },
  {
    id: 'ManagedRules',
    control:
      'Requests from addresses with a bad reputation are blocked, and those that AWS’s rules for known bad inputs and common attacks match. WAF reads the first 8 KB of a body',
    fsbp: ['WAF.10'],
    ...made,
    check: every(ACL, ({ Rules }) =>
      GROUPS.map((name) => {
        const rule = listOf(Rules).find(
          ({ Statement }) => Statement?.ManagedRuleGroupStatement?.Name === name,
        );
        if (rule === undefined) return `Rules must have ${name}`;
        const { ScopeDownStatement, ExcludedRules } = rule['Statement'].ManagedRuleGroupStatement;
        if (ScopeDownStatement !== undefined || listOf(ExcludedRules).length > 0)
          return `${name}: ScopeDownStatement and ExcludedRules must be absent`;
        return must(`${name}: OverrideAction`, rule['OverrideAction'], { None: {} });
      }),
    ),
  },
  {
    id: 'BodyRulesCounted',
    control:
      'Rules that read bodies only count on POST /mcp: tools take prose, HTML, code and more than 8 KB',
    fsbp: [],
    ...made,
    check: counts({
      AWSManagedRulesCommonRuleSet: [
        'SizeRestrictions_BODY',
        'GenericLFI_BODY',
        'GenericRFI_BODY',
        'EC2MetaDataSSRF_BODY',
        'CrossSiteScripting_BODY',
      ],
      AWSManagedRulesKnownBadInputsRuleSet: [
        'JavaDeserializationRCE_BODY',
        'Log4JRCE_BODY',
        'ReactJSRCE_BODY',
      ],
    }),
  },
  {
    id: 'HeaderRulesCounted',
    control:
      'Rules that require a User-Agent or read cookies only count: some legitimate clients send no User-Agent, and the service reads no cookies',
    fsbp: [],
    file: 'infra/constructs/web-acl/managed-rules.ts',
    check: counts({
      AWSManagedRulesCommonRuleSet: [
        'NoUserAgent_HEADER',
        'SizeRestrictions_Cookie_HEADER',
        'EC2MetaDataSSRF_COOKIE',
        'CrossSiteScripting_COOKIE',
      ],
    }),
  },
];
