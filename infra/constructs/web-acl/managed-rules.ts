import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { OptionError } from '../../lib/option-error.ts';

/** The legitimate clients that each rule of a group could match. */
interface GroupRules {
  readonly counts: Readonly<Record<string, string>>;
  readonly blocks: Readonly<Record<string, string>>;
}

const UNREACHED = {
  path: 'none: only served paths get here (UnknownPath)',
  query: 'none: a request with a query does not get here (QueryString)',
  method: 'none: only served methods get here (McpMethod, MetadataMethod)',
  host: 'none: only requests for the host of this server get here (UnknownHost)',
} as const;

const TOOL_TEXT = 'a model that passes prose, HTML, code, paths, addresses, or more than 8 KB to a tool';
const EXPLOIT_TEXT =
  'a model that passes an advisory, a log or code with the exploit to a tool; Node.js runs none';
const COOKIES =
  'a browser that opens the metadata with cookies of a parent domain; the service reads no cookie';
const EXPLOIT_HEADER =
  'none: protocol headers contain no free text, and no tool of this kit mirrors an argument in one';

/**
 * AWS's groups in order, each with its rules as AWS documents them (AWS WAF Developer Guide, "Baseline rule groups" and
 * "IP reputation rule groups"). A rule that a legitimate MCP client could match only counts: it would refuse legitimate
 * clients, and attackers can avoid it. The blocking rules are named here so that they get a JSON response. A rule that
 * AWS adds, or a misspelled name, blocks as well, with WAF's own page.
 */
const GROUPS = {
  // These rules judge an address by its past, not the request. They can match a client that shares an address with a
  // bot, until AWS removes the address, but no kind of client as such. So they block.
  AWSManagedRulesAmazonIpReputationList: {
    counts: {},
    blocks: {
      AWSManagedIPReputationList: 'a client behind the same address as a bot, whatever it sends',
      AWSManagedReconnaissanceList: 'a client behind the same address as a scanner, whatever it sends',
    },
  },
  AWSManagedRulesKnownBadInputsRuleSet: {
    counts: {
      JavaDeserializationRCE_BODY: EXPLOIT_TEXT,
      Log4JRCE_BODY: EXPLOIT_TEXT,
      ReactJSRCE_BODY: EXPLOIT_TEXT,
    },
    blocks: {
      JavaDeserializationRCE_HEADER: EXPLOIT_HEADER,
      JavaDeserializationRCE_URIPATH: UNREACHED.path,
      JavaDeserializationRCE_QUERYSTRING: UNREACHED.query,
      Host_localhost_HEADER: UNREACHED.host,
      PROPFIND_METHOD: UNREACHED.method,
      ExploitablePaths_URIPATH: UNREACHED.path,
      Log4JRCE_HEADER: EXPLOIT_HEADER,
      Log4JRCE_QUERYSTRING: UNREACHED.query,
      Log4JRCE_URIPATH: UNREACHED.path,
    },
  },
  AWSManagedRulesCommonRuleSet: {
    counts: {
      SizeRestrictions_BODY: TOOL_TEXT,
      EC2MetaDataSSRF_BODY: TOOL_TEXT,
      GenericLFI_BODY: TOOL_TEXT,
      GenericRFI_BODY: TOOL_TEXT,
      CrossSiteScripting_BODY: TOOL_TEXT,
      NoUserAgent_HEADER:
        'the official Python SDK while it discovers the authorization server; hosted and .NET clients',
      SizeRestrictions_Cookie_HEADER: COOKIES,
      EC2MetaDataSSRF_COOKIE: COOKIES,
      CrossSiteScripting_COOKIE: COOKIES,
    },
    blocks: {
      UserAgent_BadBots_HEADER: 'none: it matches names of scanners, such as nessus and nmap',
      SizeRestrictions_QUERYSTRING: UNREACHED.query,
      SizeRestrictions_URIPATH: UNREACHED.path,
      EC2MetaDataSSRF_URIPATH: UNREACHED.path,
      EC2MetaDataSSRF_QUERYARGUMENTS: UNREACHED.query,
      GenericLFI_QUERYARGUMENTS: UNREACHED.query,
      GenericLFI_URIPATH: UNREACHED.path,
      RestrictedExtensions_URIPATH: UNREACHED.path,
      RestrictedExtensions_QUERYARGUMENTS: UNREACHED.query,
      GenericRFI_QUERYARGUMENTS: UNREACHED.query,
      GenericRFI_URIPATH: UNREACHED.path,
      CrossSiteScripting_QUERYARGUMENTS: UNREACHED.query,
      CrossSiteScripting_URIPATH: UNREACHED.path,
    },
  },
} as const satisfies Readonly<Record<string, GroupRules>>;

type Group = keyof typeof GROUPS;

const NAMES = Object.keys(GROUPS) as Group[];

/** The name of each group in the labels that its rules add to a request. */
const LABELS: Readonly<Record<Group, string>> = {
  AWSManagedRulesAmazonIpReputationList: 'amazon-ip-list',
  AWSManagedRulesKnownBadInputsRuleSet: 'known-bad-inputs',
  AWSManagedRulesCommonRuleSet: 'core-rule-set',
};

/**
 * Labels of counted body rules, which one of our own rules blocks where no tool is called. In labels the last word is
 * spelled differently.
 */
export const COUNTED_BODY_LABELS: readonly string[] = NAMES.flatMap((group) =>
  countedIn(group)
    .filter((rule) => rule.endsWith('_BODY'))
    .map((rule) => `awswaf:managed:aws:${LABELS[group]}:${rule.replace(/BODY$/, 'Body')}`),
);

export interface ManagedRule {
  readonly name: string;
  readonly overrideAction: CfnWebACL.OverrideActionProperty;
  readonly statement: CfnWebACL.StatementProperty;
}

/**
 * The groups as rules of an ACL.
 *
 * @param more `GROUP/RULE` of further rules that only count
 * @param block response of the rules that block
 * @throws OptionError for a rule of another group, and for one that already only counts or is named twice
 */
export function managedRules(more: readonly string[], block: CfnWebACL.RuleActionProperty): ManagedRule[] {
  const counted = countedByGroup(more);
  return NAMES.map((name) => {
    const blocked = Object.keys(GROUPS[name].blocks).filter((rule) => !counted[name].includes(rule));
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
  const counted = Object.fromEntries(NAMES.map((name) => [name, countedIn(name)])) as Record<Group, string[]>;
  const rule = `GROUP/RULE with a group of ${NAMES.join(', ')}, each once`;
  for (const entry of more) {
    const [, group = '', name = ''] = /^(AWSManaged\w+)\/([\w-]{1,128})$/.exec(entry) ?? [];
    const rules = Object.hasOwn(counted, group) ? counted[group as Group] : undefined;
    if (rules === undefined || rules.includes(name)) {
      throw new OptionError(`webAcl.countOnlyRules must be ${rule}, got ${JSON.stringify(entry)}`);
    }
    rules.push(name);
  }
  return counted;
}

function countedIn(group: Group): string[] {
  return Object.keys(GROUPS[group].counts);
}
