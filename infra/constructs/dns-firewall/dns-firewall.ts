import type { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { FilterPattern } from 'aws-cdk-lib/aws-logs';
import {
  CfnFirewallDomainList,
  CfnFirewallRuleGroup,
  CfnFirewallRuleGroupAssociation,
  CfnResolverQueryLoggingConfig,
  CfnResolverQueryLoggingConfigAssociation,
} from 'aws-cdk-lib/aws-route53resolver';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { countLines } from '../../lib/count-lines.ts';
import { createDeliveredLogGroup } from '../../lib/log-delivery.ts';
import { listedDomain, listOf, oneOf, retentionDays } from '../../lib/option-types.ts';
import { type ResolvableNames, type ResolvableNamesProps, resolvesAnyName } from './resolvable-names.ts';

export const dnsFirewallOptions = z.strictObject({
  additionalDomains: listOf(listedDomain(), { max: 500 })
    .default([])
    .describe(
      'More names that tasks may resolve, besides `task.allowedDomains`, the hosts of the tools (`needs.hosts`) and the names that ' +
        'every task needs. List the registry of an image outside of ECR, and the host of issuer keys on another host than the issuer. `api.example.com` is that name, ' +
        '`*.example.com` any name below it.',
    ),
  unlistedNames: oneOf('block', 'alert')
    .default('block')
    .describe(
      'Result of a query for any other name. `block`: the name does not resolve. `alert`: the name resolves, and the query is logged ' +
        'and raises the alarm, so that a first deployment shows the missing names. A stage with ' +
        '`terminationProtection` fails on `alert` by the rule `UnlistedNamesBlocked`.',
    ),
  logRetentionDays: retentionDays().describe('Days the log of queries is kept.'),
});

/** The last rule, by `unlistedNames`. Both actions are in the log of queries under their names. */
const UNLISTED = {
  block: { action: 'BLOCK', blockResponse: 'NXDOMAIN' },
  alert: { action: 'ALERT' },
} as const;

/** Whether the DNS firewall is possible: in a VPC of the stack, unless any host may be scraped from there. */
export function hasDnsFirewall({
  network,
  task,
}: {
  readonly network: { readonly egress: 'nat' | 'endpoints'; readonly vpc?: object | undefined };
  readonly task: ResolvableNamesProps['task'];
}): boolean {
  return network.vpc === undefined && !resolvesAnyName({ task, internet: network.egress === 'nat' });
}

export interface DnsFirewallProps extends z.output<typeof dnsFirewallOptions>, ResolvableNames {
  /** A VPC of the stack. The firewall applies to every workload in it. */
  readonly vpc: IVpc;
  readonly logKey: IKey;
}

/**
 * A second layer behind the URL guard, from the same list: the VPC's resolver responds NXDOMAIN to any name that is
 * not listed. So a bypass of the guard finds no address, and no data leaves in DNS queries. The firewall blocks
 * names, not addresses: a compromised process can connect to a known address, such as a resolver over HTTPS, while
 * there is a route to the internet.
 *
 * A query is judged by the requested name. CNAME targets are not judged, because their owner chooses them; the URL
 * guard checks the addresses. While DNS Firewall is unavailable, nothing resolves: this is the default of a VPC, and
 * CloudFormation's resource for it (`FirewallConfig`) was read-only when last checked.
 */
export class DnsFirewall extends Construct {
  /** Logged queries for names outside the lists, blocked or, with `alert`, answered. */
  readonly blocked: IMetric;
  /** The firewall of the VPC, which needs no log. */
  readonly association: IDependable;
  /** Resources that must exist before the tasks. */
  readonly dependencies: readonly IDependable[];

  constructor(scope: Construct, id: string, props: DnsFirewallProps) {
    super(scope, id);
    const { scraped, needed } = props;
    // Each list keeps its priority whether the others exist or not: CloudFormation changes one rule after the other, and
    // DNS Firewall refuses a priority that another rule still has.
    const group = new CfnFirewallRuleGroup(this, 'RuleGroup', {
      firewallRules: [
        ...(scraped.length > 0 ? [this.rule(100, 'Scraped', scraped, { action: 'ALLOW' })] : []),
        this.rule(200, 'Needed', needed, { action: 'ALLOW' }),
        this.rule(300, 'Others', ['*'], UNLISTED[props.unlistedNames]),
      ],
    });
    this.association = new CfnFirewallRuleGroupAssociation(this, 'Association', {
      firewallRuleGroupId: group.attrId,
      vpcId: props.vpc.vpcId,
      priority: 101,
    });
    const { blocked, logging } = this.log(props);
    this.blocked = blocked;
    this.dependencies = [this.association, logging];
  }

  private rule(
    priority: number,
    name: string,
    domains: readonly string[],
    then: Pick<CfnFirewallRuleGroup.FirewallRuleProperty, 'action' | 'blockResponse'>,
  ): CfnFirewallRuleGroup.FirewallRuleProperty {
    const list = new CfnFirewallDomainList(this, name, { domains: [...domains] });
    return {
      ...then,
      priority,
      firewallDomainListId: list.attrId,
      firewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
    };
  }

  /** Logs the queries that the VPC's resolver does not answer from its cache, and counts those of other names. */
  private log(props: DnsFirewallProps): { blocked: IMetric; logging: IDependable } {
    const logGroup = createDeliveredLogGroup(this, {
      prefix: 'dns-queries-',
      logKey: props.logKey,
      retentionDays: props.logRetentionDays,
    });
    const config = new CfnResolverQueryLoggingConfig(this, 'Logging', {
      destinationArn: logGroup.logGroupArn,
    });
    // CloudFormation replaces the configuration when a tag changes (`Tags` is create-only), and its association with it.
    // Route 53 Resolver refuses a second association of a VPC. So tags of the stack or the app do not reach this resource.
    config.addPropertyDeletionOverride('Tags');
    const logging = new CfnResolverQueryLoggingConfigAssociation(this, 'LoggingAssociation', {
      resolverQueryLogConfigId: config.attrId,
      resourceId: props.vpc.vpcId,
    });
    const { action } = UNLISTED[props.unlistedNames];
    const others = FilterPattern.stringValue('$.firewall_rule_action', '=', action);
    return { blocked: countLines(this, logGroup, 'DnsQueriesBlocked', others), logging };
  }
}
