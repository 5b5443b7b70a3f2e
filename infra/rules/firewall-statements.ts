// biome-ignore lint/style/noRestrictedImports: this rule finds a changed template, so it needs the kit's own statements.
import { webAclRules } from '../constructs/web-acl/rules.ts';
import { every, must, type Rule } from './rule.ts';
import { listOf, type Properties, type SynthesizedTemplate, taskVariable } from './synthesized-template.ts';

/** Limits differ by stage; here they are placeholders. */
const LIMITS = { perIpAndTool: 0, perIpWithoutToken: 0, perIp: 0, total: 0 };

/** Statements that the kit's rules have for the template's settings, as the template writes them. */
function expected(template: SynthesizedTemplate): ReadonlyMap<string, string> {
  const paths = template
    .all('AWS::ElasticLoadBalancingV2::ListenerRule')
    .flatMap(({ properties }) => listOf(properties['Conditions']))
    .flatMap(({ PathPatternConfig }) => listOf(PathPatternConfig?.Values).map(String));
  const url = String(taskVariable(template, 'MCP_PUBLIC_URL'));
  const minimum = taskVariable(template, 'MCP_MINIMUM_PROTOCOL_VERSION');
  const rules = webAclRules({
    domainName: /^https:\/\/([^/]+)\/mcp$/.exec(url)?.[1] ?? '',
    metadataPaths: [...new Set(paths)].filter((path) => path !== '/mcp'),
    browsers: Boolean(taskVariable(template, 'MCP_ALLOWED_ORIGINS')),
    minimumProtocolVersion: minimum === undefined ? undefined : String(minimum),
    limits: LIMITS,
    blockedIpSetArn: undefined,
    sharedIpSetArn: sharedIpSet(template),
    countOnlyRules: [],
  });
  return new Map(
    rules
      .filter(({ action }) => action !== undefined)
      .map(({ name, statement }) => [name, matchOf(statement as Properties)]),
  );
}

/** The reference to the IP set of shared addresses, if there is one. */
function sharedIpSet(template: SynthesizedTemplate): string | undefined {
  return template
    .all('AWS::WAFv2::WebACL')
    .flatMap(({ properties }) => listOf(properties['Rules']))
    .filter(({ Name }) => Name === 'RateLimitPerToken')
    .flatMap(({ Statement }) =>
      listOf(Statement?.RateBasedStatement?.ScopeDownStatement?.AndStatement?.Statements),
    )
    .map(({ IPSetReferenceStatement }) => IPSetReferenceStatement?.Arn)
    .find((arn) => arn !== undefined);
}

/** A statement without its limit, whatever the case of its members and their order. */
function matchOf(statement: Properties): string {
  return JSON.stringify(statement, (key, value) => {
    if (/^limit$/i.test(key)) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const members = Object.entries(value).map(([name, member]) => [name.toLowerCase(), member] as const);
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

export const firewallStatementRules: readonly Rule[] = [
  {
    id: 'WafRulesUnmodified',
    control: 'Each of this kit’s web ACL rules has its original statement and its block action',
    fsbp: [],
    file: 'infra/constructs/web-acl/rules.ts',
    check: every('AWS::WAFv2::WebACL', ({ Rules }, template) =>
      [...expected(template)].flatMap(([name, match]) => {
        const rule = listOf(Rules).find(({ Name }) => Name === name);
        if (rule === undefined) return [`Rules must have ${name}`];
        return [
          rule['Action']?.Block === undefined && `${name} must block`,
          must(`${name}: Statement`, matchOf(rule['Statement'] ?? {}), match),
        ];
      }),
    ),
  },
];
