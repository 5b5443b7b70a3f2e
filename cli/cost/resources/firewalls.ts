import type { Properties } from '../../../infra/rules/synthesized-template.ts';
import { listOf } from '../../../infra/rules/synthesized-template.ts';
import { assume, CALLS } from '../assumptions.ts';
import { type Billable, type Line, UnpricedError } from '../line.ts';

/** Capacity units that AWS documents for its managed groups. Other groups may have a fee. */
const MANAGED: Readonly<Record<string, number>> = {
  AWSManagedRulesAmazonIpReputationList: 25,
  AWSManagedRulesKnownBadInputsRuleSet: 200,
  AWSManagedRulesCommonRuleSet: 700,
};

/**
 * WCU of a web ACL statement, as AWS documents them.
 *
 * @throws UnpricedError naming the statement or the managed group whose capacity is unknown
 */
export function capacity(statement: Properties): number {
  const [[kind, it]] = Object.entries<Properties>(statement) as [[string, Properties]];
  const sum = (list: Properties[]) => list.reduce((total, one) => total + capacity(one), 0);
  switch (kind) {
    case 'AndStatement':
    case 'OrStatement':
      return sum(it['Statements']);
    case 'NotStatement':
      return capacity(it['Statement']);
    case 'ManagedRuleGroupStatement': {
      const units = MANAGED[it['Name']];
      if (units === undefined) throw new UnpricedError(`the managed group ${it['Name']} has no price here`);
      return units;
    }
    case 'RateBasedStatement':
      return 2 + 30 * (it['CustomKeys'] ?? []).length + sum(listOf(it['ScopeDownStatement']) as Properties[]);
    case 'ByteMatchStatement':
      return 2 + 10 * it['TextTransformations'].length;
    case 'SizeConstraintStatement':
      return 1 + 10 * it['TextTransformations'].length;
    case 'LabelMatchStatement':
    case 'GeoMatchStatement':
    case 'IPSetReferenceStatement':
      return 1;
    default:
      throw new UnpricedError(`the statement ${kind} has no capacity here`);
  }
}

function webAcl({ Rules }: Properties): Line[] {
  const rules = listOf(Rules);
  const units = rules.reduce((sum, { Statement }) => sum + capacity(Statement), 0);
  const steps = Math.ceil(Math.max(0, units - 1500) / 500);
  return [
    { price: 'webAcl', idle: 1 },
    { price: 'webAclRule', idle: rules.length },
    { price: 'webAclRequests', perMillion: CALLS },
    ...(steps > 0 ? [{ price: 'webAclCapacity', perMillion: steps * CALLS } as const] : []),
  ];
}

function domainList({ Domains, DomainFileUrl }: Properties): Line[] {
  if (DomainFileUrl) throw new UnpricedError('a list in a file has as many domains as the file says');
  return [{ price: 'dnsFirewallDomain', idle: listOf(Domains).length }];
}

export const FIREWALLS: Readonly<Record<string, Billable>> = {
  'AWS::WAFv2::WebACL': {
    group: 'Firewalls',
    why: 'Host, path, method and query; rates for an address, a tool and all; three managed groups at the price of a rule',
    count: ({ properties }) => webAcl(properties),
  },
  'AWS::Route53Resolver::FirewallDomainList': {
    group: 'Firewalls',
    why: 'Names that a task may resolve, and a rule that blocks all others',
    count: ({ properties }) => domainList(properties),
  },
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': {
    group: 'Firewalls',
    why: 'Each name that a task queries is compared with the list',
    count: () => [{ price: 'dnsFirewallQueries', perMillion: assume('dnsQueries') * CALLS }],
  },
};
