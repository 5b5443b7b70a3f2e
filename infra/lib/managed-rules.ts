import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { assertMatches, NOTHING } from './validation.ts';

/**
 * AWS's groups in their order, each with the rules it blocks by, as AWS documents them. The names are here to answer a
 * block in JSON; a rule that AWS adds, or a name that is wrong, blocks as well, with WAF's own page.
 */
const GROUPS = {
  AWSManagedRulesAmazonIpReputationList: 'AWSManagedIPReputationList AWSManagedReconnaissanceList',
  // Exploits of Java and React in bodies as well: unlike SQL, HTML and paths no prose looks like them.
  AWSManagedRulesKnownBadInputsRuleSet: `
    JavaDeserializationRCE_HEADER JavaDeserializationRCE_BODY JavaDeserializationRCE_URIPATH
    JavaDeserializationRCE_QUERYSTRING Host_localhost_HEADER PROPFIND_METHOD ExploitablePaths_URIPATH
    Log4JRCE_HEADER Log4JRCE_QUERYSTRING Log4JRCE_BODY Log4JRCE_URIPATH ReactJSRCE_BODY`,
  AWSManagedRulesCommonRuleSet: `
    NoUserAgent_HEADER UserAgent_BadBots_HEADER SizeRestrictions_QUERYSTRING SizeRestrictions_Cookie_HEADER
    SizeRestrictions_URIPATH EC2MetaDataSSRF_COOKIE EC2MetaDataSSRF_URIPATH EC2MetaDataSSRF_QUERYARGUMENTS
    GenericLFI_QUERYARGUMENTS GenericLFI_URIPATH RestrictedExtensions_URIPATH RestrictedExtensions_QUERYARGUMENTS
    GenericRFI_QUERYARGUMENTS GenericRFI_URIPATH CrossSiteScripting_COOKIE CrossSiteScripting_QUERYARGUMENTS
    CrossSiteScripting_URIPATH`,
} as const;

type Group = keyof typeof GROUPS;

/**
 * Rules of the common set that read bodies for what tools are for: prose, HTML, paths, addresses, more than 8 KB. They
 * count and leave a label, by which a rule of ours blocks where no tool is called.
 */
const COUNTED_BODY_RULES = [
  'SizeRestrictions_BODY',
  'EC2MetaDataSSRF_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'CrossSiteScripting_BODY',
] as const;

/** What WAF puts on a request that a counted body rule matches; in labels the last word is written otherwise. */
export const COUNTED_BODY_LABELS: readonly string[] = COUNTED_BODY_RULES.map(
  (rule) => `awswaf:managed:aws:core-rule-set:${rule.replace(/BODY$/, 'Body')}`,
);

export interface ManagedRule {
  readonly name: string;
  readonly overrideAction: CfnWebACL.OverrideActionProperty;
  readonly statement: CfnWebACL.StatementProperty;
}

/**
 * The groups as rules of an ACL.
 *
 * @param more `GROUP/RULE` of rules that only count besides those that read bodies
 * @param block how a rule that does not only count ends a request
 * @throws OptionError on a rule of another group, and on one that only counts anyway or is named twice
 */
export function managedRules(more: readonly string[], block: CfnWebACL.RuleActionProperty): ManagedRule[] {
  const counted = countedByGroup(more);
  return (Object.keys(GROUPS) as Group[]).map((name) => {
    const blocked = GROUPS[name].split(/\s+/).filter((rule) => rule !== '' && !counted[name].includes(rule));
    return {
      name,
      overrideAction: { none: {} },
      statement: {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name,
          ruleActionOverrides: [
            ...counted[name].map((rule) => ({ name: rule, actionToUse: { count: {} } })),
            ...blocked.map((rule) => ({ name: rule, actionToUse: block })),
          ],
        },
      },
    };
  });
}

function countedByGroup(more: readonly string[]): Record<Group, string[]> {
  const counted: Record<Group, string[]> = {
    AWSManagedRulesAmazonIpReputationList: [],
    AWSManagedRulesKnownBadInputsRuleSet: [],
    AWSManagedRulesCommonRuleSet: [...COUNTED_BODY_RULES],
  };
  const rule = `GROUP/RULE with a group of ${Object.keys(counted).join(', ')}, each once`;
  for (const entry of more) {
    const [, group = '', name = ''] = /^(AWSManaged\w+)\/([\w-]+)$/.exec(entry) ?? [];
    const rules = Object.hasOwn(counted, group) ? counted[group as Group] : undefined;
    if (rules === undefined || rules.includes(name)) {
      assertMatches('webAcl.countedRules', entry, NOTHING, rule);
    } else rules.push(name);
  }
  return counted;
}
