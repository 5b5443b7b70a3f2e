import { every, must, type Rule } from './rule.ts';
import { listOf, type Properties, referencesIn } from './synthesized-template.ts';

const ACL = 'AWS::WAFv2::WebACL';
const made = { file: 'infra/constructs/web-acl/rules.ts' };

function blocks({ Action }: Properties): boolean {
  return Action?.Block !== undefined;
}

/** Actions with which a rule overrides the rules of a group. */
function overridesIn(statement: Properties): readonly Properties[] {
  const { ManagedRuleGroupStatement, RuleGroupReferenceStatement } = statement;
  const group = ManagedRuleGroupStatement ?? RuleGroupReferenceStatement;
  return listOf(group?.RuleActionOverrides).map(({ ActionToUse }) => ({ Action: ActionToUse }));
}

export const firewallRules: readonly Rule[] = [
  {
    id: 'FirewallAssociated',
    control: 'Every load balancer has a web ACL, associated before its listeners exist',
    fsbp: ['ELB.16', 'WAF.10'],
    file: 'infra/constructs/web-acl/web-acl.ts',
    check: (template) => {
      const associations = template.all('AWS::WAFv2::WebACLAssociation');
      const guarded = (logicalId: string) =>
        associations.find(
          ({ properties }) =>
            template.target(properties['ResourceArn'])?.logicalId === logicalId &&
            template.names(properties['WebACLArn'], ACL),
        );
      return [
        ...every('AWS::ElasticLoadBalancingV2::LoadBalancer', (_balancer, _template, logicalId) => [
          guarded(logicalId) === undefined && 'no web ACL of this template is associated with it',
        ])(template),
        ...template
          .all('AWS::ElasticLoadBalancingV2::Listener')
          .flatMap(({ logicalId, resource, properties }) => {
            const balancer = template.target(properties['LoadBalancerArn'])?.logicalId ?? '';
            const first = guarded(balancer)?.logicalId ?? '';
            return [resource.DependsOn].flat().includes(first)
              ? []
              : [{ logicalId, problem: 'DependsOn must name the association of the web ACL' }];
          }),
      ];
    },
  },
  {
    id: 'FirewallLogged',
    control: 'The firewall logs what it blocks and counts, without credentials',
    fsbp: ['WAF.11'],
    file: 'infra/constructs/web-acl/web-acl.ts',
    check: every(ACL, (_acl, template, logicalId) => {
      const log = template
        .all('AWS::WAFv2::LoggingConfiguration')
        .find(({ properties }) => template.target(properties['ResourceArn'])?.logicalId === logicalId);
      if (log === undefined) return ['has no logging configuration'];
      const { RedactedFields, LoggingFilter, LogDestinationConfigs } = log.properties;
      const redacted = listOf(RedactedFields).map(({ SingleHeader }) => SingleHeader?.Name);
      const [groupId = ''] = referencesIn(LogDestinationConfigs).filter(
        (id) => template.resources[id]?.Type === 'AWS::Logs::LogGroup',
      );
      const name = JSON.stringify(template.resources[groupId]?.Properties?.['LogGroupName'] ?? '');
      const filters = listOf(LoggingFilter?.Filters);
      const kept = filters
        .filter(({ Behavior }) => Behavior === 'KEEP')
        .flatMap(({ Conditions }) =>
          listOf(Conditions).map(({ ActionCondition }) => ActionCondition?.Action),
        );
      return [
        !name.includes('"aws-waf-logs-') &&
          'its log must go to a log group of this template named aws-waf-logs-…',
        ...['authorization', 'cookie'].map(
          (header) => !redacted.includes(header) && `RedactedFields must name the header ${header}`,
        ),
        must('LoggingFilter.DefaultBehavior', LoggingFilter?.DefaultBehavior, 'DROP'),
        must('LoggingFilter.Filters', filters.length, 1),
        must('LoggingFilter.Filters.Requirement', filters[0]?.['Requirement'], 'MEETS_ANY'),
        ...['BLOCK', 'COUNT'].map((action) => !kept.includes(action) && `LoggingFilter must keep ${action}`),
      ];
    }),
  },
  {
    id: 'FirewallMetrics',
    control: 'Every rule of the firewall has a metric',
    fsbp: ['WAF.12'],
    file: 'infra/constructs/web-acl/web-acl.ts',
    check: every(ACL, ({ Rules, VisibilityConfig }) =>
      [{ Name: 'the web ACL', VisibilityConfig }, ...listOf(Rules)].map(({ Name, VisibilityConfig: seen }) =>
        must(`${Name}: CloudWatchMetricsEnabled`, seen?.CloudWatchMetricsEnabled, true),
      ),
    ),
  },
  {
    id: 'PositiveSecurityModel',
    control: 'The firewall first blocks every host, path and method that the protocol does not need',
    fsbp: [],
    ...made,
    check: every(ACL, ({ Rules }) => {
      const inOrder = [...listOf(Rules)].sort((a, b) => a['Priority'] - b['Priority']);
      const first = inOrder.slice(0, 3);
      return ['UnknownHost', 'UnknownPath', 'McpMethod'].map(
        (name, index) =>
          !(first[index]?.['Name'] === name && blocks(first[index])) &&
          `rule ${index + 1} must be ${name}, and block`,
      );
    }),
  },
  {
    id: 'FirewallLogsRedacted',
    control: 'Credentials, queries and bodies are redacted in the firewall’s logs and samples',
    fsbp: [],
    file: 'infra/constructs/web-acl/web-acl.ts',
    check: every(ACL, ({ DataProtectionConfig }) => {
      const hidden = listOf(DataProtectionConfig?.DataProtections)
        .filter((one) => !one['ExcludeRuleMatchDetails'] && !one['ExcludeRateBasedDetails'])
        .map(({ Field }) => JSON.stringify(Field));
      return ['authorization', 'cookie', 'QUERY_STRING', 'BODY'].map(
        (field) =>
          !hidden.some((one) => one.includes(`"${field}"`)) && `DataProtectionConfig must hide ${field}`,
      );
    }),
  },
  {
    id: 'NoAllowBeforeBlock',
    control: 'No rule of the firewall allows: an allow ends the evaluation and skips every later rule',
    fsbp: [],
    ...made,
    check: every(ACL, ({ Rules }) =>
      listOf(Rules).map(
        ({ Name, Action, Statement }) =>
          [{ Action }, ...overridesIn(Statement)].some(({ Action: action }) => action?.Allow !== undefined) &&
          `${Name} must not allow`,
      ),
    ),
  },
];
