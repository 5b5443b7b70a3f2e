import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { ArnFormat, Aws, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { allowLogDelivery } from '../../lib/log-delivery.ts';
import { assertCidr, assertWithin, retention } from '../../lib/validation.ts';
import { assertCountries } from './countries.ts';
import { type RateLimitOptions, rateLimits } from './rate-limits.ts';
import { RESPONSE_BODIES } from './responses.ts';
import { webAclRules } from './rules.ts';

/** Headers that carry credentials. */
const CREDENTIALS = ['authorization', 'cookie'];

/** What the log, the console's samples and Security Lake never see; in a body it is the text a rule matched. */
const HIDDEN: CfnWebACL.DataProtectProperty[] = [
  { fieldType: 'SINGLE_HEADER', fieldKeys: CREDENTIALS },
  { fieldType: 'QUERY_STRING' },
  { fieldType: 'BODY' },
].map((field) => ({ field, action: 'SUBSTITUTION' }));

export interface WebAclOptions extends RateLimitOptions {
  /**
   * Countries that are let in, as ISO 3166 codes such as `DE`, at least one; all others are answered 403. By the
   * address that connects, so a hint and no proof. Addresses are allowed by `edge.allowedCidrs`.
   *
   * @default - all
   */
  readonly allowedCountries?: readonly string[];
  /** IPv4 ranges, /1 to /32, that are answered 403. At most 10000. @default - none */
  readonly blockedCidrs?: readonly string[];
  /**
   * More rules of the managed groups that only count because they misread honest traffic, as `GROUP/RULE` of the
   * firewall's log, such as `AWSManagedRulesAmazonIpReputationList/AWSManagedIPReputationList` for clients that share
   * addresses with bots.
   *
   * @default - those that could hit an honest client: rules that read bodies or cookies, or want a User-Agent
   */
  readonly countedRules?: readonly string[];
  /** Days the firewall's log is kept, a value CloudWatch Logs accepts. @default 365 */
  readonly logRetentionDays?: number;
}

export interface WebAclProps extends WebAclOptions {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly domainName: string;
  /** Paths besides `/mcp` that are let through, to be read. */
  readonly metadataPaths: readonly string[];
  /** Whether pages of some origin may call. */
  readonly browsers: boolean;
  readonly logKey: IKey;
}

/**
 * The firewall on the load balancer: only what the protocol needs, AWS's managed rules, rates. What it refuses reaches
 * no task and leaves no audit record; it is in the firewall's log.
 */
export class WebAcl extends Construct {
  /** Value of the `WebACL` dimension of its metrics. */
  readonly metricName: string;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const { allowedCountries, blockedCidrs = [] } = props;
    const logRetention = retention('webAcl.logRetentionDays', props.logRetentionDays ?? 365);
    if (allowedCountries) assertCountries('webAcl.allowedCountries', allowedCountries);
    assertWithin('the number of webAcl.blockedCidrs', blockedCidrs.length, 0, 10_000);
    for (const cidr of blockedCidrs) assertCidr('webAcl.blockedCidrs', cidr, 1, 32);

    // CloudWatch names the ACL by its metric name, some tools by its name: they are the same here.
    this.metricName = Stack.of(this).stackName;
    const webAcl = new CfnWebACL(this, 'Resource', {
      name: this.metricName,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      customResponseBodies: RESPONSE_BODIES,
      dataProtectionConfig: { dataProtections: HIDDEN },
      visibilityConfig: visibility(this.metricName),
      rules: webAclRules({
        domainName: props.domainName,
        metadataPaths: props.metadataPaths,
        browsers: props.browsers,
        limits: rateLimits(props),
        blockedIpSetArn: blockedCidrs.length > 0 ? this.ipSet(blockedCidrs) : undefined,
        allowedCountries,
        countedRules: props.countedRules ?? [],
      }).map((rule, index) => ({
        ...rule,
        priority: index * 10,
        visibilityConfig: visibility(rule.name),
      })),
    });
    new CfnWebACLAssociation(this, 'Association', {
      webAclArn: webAcl.attrArn,
      resourceArn: props.loadBalancer.loadBalancerArn,
    });
    this.log(webAcl, props.logKey, logRetention);
  }

  private ipSet(addresses: readonly string[]): string {
    const ipSet = new CfnIPSet(this, 'BlockedCidrs', {
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [...addresses],
    });
    return ipSet.attrArn;
  }

  private log(webAcl: CfnWebACL, logKey: IKey, days: number): void {
    const stack = Stack.of(this);
    // WAF demands the prefix. The rest is new with every stack, because the group stays when a stack is deleted.
    const logGroupName = `aws-waf-logs-${stack.stackName}-${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
    const logGroup = new LogGroup(this, 'LogGroup', {
      logGroupName,
      encryptionKey: logKey,
      retention: days,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const delivery = allowLogDelivery(logGroup);
    const logging = new CfnLoggingConfiguration(this, 'Logging', {
      resourceArn: webAcl.attrArn,
      logDestinationConfigs: [
        stack.formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: logGroup.logGroupName,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
      redactedFields: CREDENTIALS.map((name) => ({ singleHeader: { Name: name } })),
      // Requests that pass are in the load balancer's log and the audit log.
      loggingFilter: {
        DefaultBehavior: 'DROP',
        Filters: [
          {
            Behavior: 'KEEP',
            Requirement: 'MEETS_ANY',
            Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
              ActionCondition: { Action },
            })),
          },
        ],
      },
    });
    if (delivery) logging.node.addDependency(delivery);
  }
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
