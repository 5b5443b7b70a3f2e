import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnIPSet, CfnLoggingConfiguration, CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { ArnFormat, Stack } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { createDeliveredLogGroup } from '../../lib/log-delivery.ts';
import { problem } from '../../lib/option-error.ts';
import { cidr, listOf, retentionDays } from '../../lib/option-types.ts';
import { country } from './countries.ts';
import { COUNTRY_CODES } from './country-codes.ts';
import { checkRates, rateLimitOptions, rateLimits } from './rate-limits.ts';
import { RESPONSE_BODIES } from './responses.ts';
import { webAclRules } from './rules.ts';

/** Headers that carry credentials. */
const CREDENTIALS = ['authorization', 'cookie'];

/** Fields hidden from the log, the console's samples and Security Lake; for a body, the text that a rule matched. */
const HIDDEN: CfnWebACL.DataProtectProperty[] = [
  { fieldType: 'SINGLE_HEADER', fieldKeys: CREDENTIALS },
  { fieldType: 'QUERY_STRING' },
  { fieldType: 'BODY' },
].map((field) => ({ field, action: 'SUBSTITUTION' }));

export const webAclOptions = z
  .strictObject({
    ...rateLimitOptions,
    allowedCountries: listOf(country(), { min: 1, max: COUNTRY_CODES.length })
      .optional()
      .meta({
        description:
          'Countries whose requests are allowed, as ISO 3166 codes such as `DE`; requests from all others get 403. ' +
          'AWS WAF derives the country from the connecting address, which is not a proof. To allow addresses use `edge.allowedCidrs`.',
        absent: 'all',
      }),
    blockedCidrs: listOf(cidr(1, 32), { max: 10_000 }).default([]).describe('IPv4 ranges that get 403.'),
    sharedCidrs: listOf(cidr(1, 32), { max: 100 })
      .default([])
      .describe(
        'IPv4 ranges that many people share, such as those of a hosted connector. Requests from them that carry a bearer ' +
          'token are limited per token, by `rateLimitPer5Min`, instead of per address and per tool; requests without one stay ' +
          'limited per address. Example: `160.79.104.0/21`, from which all of Claude calls.',
      ),
    countOnlyRules: listOf(z.string(), { max: 50 })
      .default([])
      .describe(
        'More rules of the managed groups that only count, because they match legitimate traffic, as `GROUP/RULE` of the ' +
          "firewall's log, such as `AWSManagedRulesAmazonIpReputationList/AWSManagedIPReputationList` for clients that share " +
          'addresses with bots. Rules that could match a legitimate client already only count: those that read bodies or cookies, or ' +
          'require a User-Agent.',
      ),
    logRetentionDays: retentionDays().describe("Days the firewall's log is kept."),
  })
  .superRefine((options, context) =>
    checkRates(options, (path, text) => context.addIssue(problem(path, text))),
  );

export interface WebAclProps extends z.output<typeof webAclOptions> {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly domainName: string;
  /** Paths besides `/mcp` that GET may read. */
  readonly metadataPaths: readonly string[];
  /** Whether pages of any origin may call. */
  readonly browsers: boolean;
  /** The oldest MCP revision that clients may use. @default - every one */
  readonly minimumProtocolVersion?: string | undefined;
  readonly logKey: IKey;
}

/**
 * The web ACL of the load balancer: only the protocol's requests, AWS's managed rules, rate limits. Requests that it
 * blocks reach no task and leave no audit record; they are in the firewall's log. WAF reads the first 8 KB of a body, which
 * is AWS's fixed limit for a load balancer, so no control of the service relies on it.
 */
export class WebAcl extends Construct {
  /** Value of the `WebACL` dimension of its metrics. */
  readonly metricName: string;
  readonly acl: IDependable;
  readonly logging: IDependable;

  constructor(scope: Construct, id: string, props: WebAclProps) {
    super(scope, id);
    const { allowedCountries, blockedCidrs } = props;
    // CloudWatch shows the metric name of the ACL, some tools its name; here both are the same.
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
        minimumProtocolVersion: props.minimumProtocolVersion,
        limits: rateLimits(props),
        blockedIpSetArn: this.ipSet('BlockedCidrs', blockedCidrs),
        sharedIpSetArn: this.ipSet('SharedCidrs', props.sharedCidrs),
        allowedCountries,
        countOnlyRules: props.countOnlyRules,
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
    this.acl = webAcl;
    this.logging = this.log(webAcl, props.logKey, props.logRetentionDays);
  }

  private ipSet(id: string, addresses: readonly string[]): string | undefined {
    if (addresses.length === 0) return undefined;
    const ipSet = new CfnIPSet(this, id, {
      scope: 'REGIONAL',
      ipAddressVersion: 'IPV4',
      addresses: [...addresses],
    });
    return ipSet.attrArn;
  }

  private log(webAcl: CfnWebACL, logKey: IKey, days: number): IDependable {
    const stack = Stack.of(this);
    const logGroup = createDeliveredLogGroup(this, { prefix: 'aws-waf-logs-', logKey, retentionDays: days });
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
    return logging;
  }
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}
