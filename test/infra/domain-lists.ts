import type { Template } from 'aws-cdk-lib/assertions';
import { resolved, type Value } from './resolved.ts';
import { all, only, resources } from './templates.ts';

/** The value that CloudFormation would resolve for a domain; the account is 123456789012. */
function domain(value: Value): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return '123456789012';
  if ('Fn::GetAtt' in value) return resolved(value);
  return value['Fn::Join'][1].map(domain).join(value['Fn::Join'][0]);
}

/** The rules in the order in which DNS Firewall goes through them, with the domains of their lists. */
export function dnsRules(found: Template): { action: string; domains: string[] }[] {
  const lists = resources(found, 'AWS::Route53Resolver::FirewallDomainList');
  const { FirewallRules: rules } = only(found, 'AWS::Route53Resolver::FirewallRuleGroup').Properties;
  return [...rules]
    .sort((a, b) => a.Priority - b.Priority)
    .map(({ Action, FirewallDomainListId }) => ({
      action: Action,
      domains: lists[FirewallDomainListId['Fn::GetAtt'][0]]?.Properties.Domains.map(domain),
    }));
}

/** Domains that are allowed by the beginning of their list's logical id. */
export function domainList(found: Template, name: 'Scraped' | 'Needed'): string[] {
  const lists = Object.entries(resources(found, 'AWS::Route53Resolver::FirewallDomainList'));
  return lists.find(([id]) => id.startsWith(`DnsFirewall${name}`))?.[1].Properties.Domains.map(domain) ?? [];
}

/**
 * Whether the VPC's resolver answers a query, as AWS describes DNS Firewall: the first rule with a matching domain
 * decides. A domain is the name itself; with a leading asterisk it is any name that ends in what follows.
 */
export function resolves(found: Template, name: string): boolean {
  if (all(found, 'AWS::Route53Resolver::FirewallRuleGroupAssociation').length === 0) return true;
  const matches = (domain: string) =>
    domain.startsWith('*') ? name.endsWith(domain.slice(1)) : name === domain;
  const rule = dnsRules(found).find(({ domains }) => domains.some(matches));
  return rule?.action !== 'BLOCK';
}
