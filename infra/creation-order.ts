import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct, IDependable } from 'constructs';
import { createAfter } from './barrier.ts';
import type { AccessLogs } from './constructs/access-logs.ts';
import type { AuditLog } from './constructs/audit-log/audit-log.ts';
import type { ClientTokens } from './constructs/client-tokens/client-tokens.ts';
import type { DnsFirewall } from './constructs/dns-firewall/dns-firewall.ts';
import type { Edge } from './constructs/edge/edge.ts';
import type { AlarmTopics } from './constructs/monitoring/alarm-topics.ts';
import type { Network } from './constructs/network/network.ts';
import type { Task } from './constructs/task/task.ts';
import type { WebAcl } from './constructs/web-acl/web-acl.ts';

/** Parts of the stack; the absent ones are those that no option asks for. */
export interface Parts {
  readonly domain: IDependable;
  readonly secrets: IDependable;
  readonly toolSecrets: IDependable;
  readonly network: Network;
  readonly rateLimitStore: IDependable | undefined;
  readonly guardDuty: IDependable | undefined;
  readonly dnsFirewall: DnsFirewall | undefined;
  readonly webAcl: WebAcl;
  readonly topics: AlarmTopics;
  readonly budget: IDependable | undefined;
  readonly logKey: IKey;
  readonly clientTokens: ClientTokens;
  readonly auditLog: AuditLog;
  readonly auditCheck: IDependable;
  readonly accessLogs: AccessLogs;
  readonly archive: Construct | undefined;
  readonly task: Task;
  readonly service: FargateService;
  readonly logMetrics: IDependable;
  readonly edge: Edge;
  /** A fork's additions, apart from those that need the service. */
  readonly extensions: IDependable;
}

/**
 * Orders the resources by the cost of a failure. An account can refuse a certificate, an address, a cache and much
 * more, and then CloudFormation deletes the created resources. It cannot delete a protected load balancer: the stack
 * would be stuck in ROLLBACK_FAILED. Keys, buckets and the audit log are retained, so each failed attempt would leave
 * them behind. So these are created as late as their users allow, and the load balancer after everything that does
 * not need it.
 */
export function orderCreation(scope: Construct, parts: Parts): void {
  const { network, dnsFirewall, webAcl, topics, auditLog, accessLogs, archive } = parts;
  createAfter(
    scope,
    'Accepted',
    [
      parts.domain,
      parts.secrets,
      parts.toolSecrets,
      // The flow log needs the key of the logs, which comes next.
      ...network.vpc.node.children.filter(({ node }) => node.id !== 'FlowLog'),
      ...network.dependencies,
      parts.rateLimitStore,
      parts.guardDuty,
      ...parts.clientTokens.readers,
      dnsFirewall?.association,
      webAcl.acl,
      topics.pages,
      topics.tickets,
      parts.budget,
      ...parts.edge.trust,
    ],
    [parts.logKey],
  );
  createAfter(
    scope,
    'Logged',
    [network, dnsFirewall, webAcl.acl, webAcl.logging, parts.clientTokens],
    [auditLog.logGroup],
  );
  createAfter(scope, 'Checked', [parts.auditCheck], [accessLogs.bucket, archive, parts.task.serverLog]);
  createAfter(
    scope,
    'Ready',
    [auditLog, accessLogs, archive, parts.task, parts.service.cluster, parts.logMetrics, parts.extensions],
    [parts.edge.loadBalancer],
  );
}
