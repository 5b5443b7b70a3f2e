import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { AccessLogsOptions } from './constructs/access-logs.ts';
import type { ArchiveOptions } from './constructs/archive.ts';
import type { AuditLogOptions } from './constructs/audit-log/audit-log.ts';
import type { BudgetOptions } from './constructs/budget.ts';
import type { ClientTokensOptions } from './constructs/client-tokens/client-tokens.ts';
import type { DnsFirewallOptions } from './constructs/dns-firewall/dns-firewall.ts';
import { resolvesAnyName } from './constructs/dns-firewall/resolvable-names.ts';
import type { DomainOptions } from './constructs/domain.ts';
import type { EdgeOptions } from './constructs/edge/edge.ts';
import type { FunctionOptions } from './constructs/function/bundled-function.ts';
import type { ImageOptions } from './constructs/image.ts';
import type { LimitStoreOptions } from './constructs/limit-store.ts';
import type { MonitoringOptions } from './constructs/monitoring/monitoring.ts';
import type { NetworkOptions } from './constructs/network/network.ts';
import type { ScalingOptions } from './constructs/scaling.ts';
import type { SecretsOptions } from './constructs/secrets/secrets.ts';
import type { TaskOptions } from './constructs/task/task.ts';
import type { WebAclOptions } from './constructs/web-acl/web-acl.ts';
import { didYouMean } from './lib/did-you-mean.ts';
import { assertKeysReachable } from './lib/oauth.ts';
import { assertShape, type Shape } from './lib/shape.ts';
import { OptionError } from './lib/validation.ts';

/** One deployment of the stack. What an option means, its bounds and its default stand at the construct. */
export interface StageConfig {
  /** Region of everything, such as `eu-central-1`. */
  readonly region: string;
  /**
   * Whether the stack must be unprotected by hand before it can be deleted. A stage that has it is taken for
   * production and held to a floor: two tasks, a protected load balancer, a year of audit records.
   *
   * @default true
   */
  readonly terminationProtection?: boolean;
  readonly domain: DomainOptions;
  readonly network?: NetworkOptions;
  readonly secrets?: SecretsOptions & ClientTokensOptions;
  readonly functions?: FunctionOptions;
  readonly auditLog?: AuditLogOptions;
  /** @default - no archive; the audit log itself is kept for its retention */
  readonly archive?: ArchiveOptions;
  readonly image?: ImageOptions;
  readonly task?: TaskOptions;
  /** @default - each task counts limits for itself, in memory: nothing to pay, nothing that can be down */
  readonly limitStore?: LimitStoreOptions;
  readonly dnsFirewall?: DnsFirewallOptions;
  readonly accessLogs?: AccessLogsOptions;
  readonly edge?: EdgeOptions;
  readonly scaling?: ScalingOptions;
  readonly webAcl?: WebAclOptions;
  readonly monitoring?: MonitoringOptions;
  /** @default - nobody is told what it costs */
  readonly budget?: BudgetOptions;
}

/**
 * Every option there is. Nothing checks types when the app runs, so a misspelt option would be left out without a
 * word, and its safe value with it. The compiler keeps this list complete.
 */
const SHAPE: Shape<StageConfig> = {
  region: 'string',
  terminationProtection: 'boolean',
  domain: {
    domainName: 'string',
    certificateArn: 'string',
    hostedZone: { id: 'string', name: 'string' },
  },
  network: {
    egress: 'string',
    natGateways: 'number',
    cidr: 'string',
    s3PrefixListId: 'string',
    endpoints: 'list',
    flowLogRetentionDays: 'number',
    vpc: {
      vpcId: 'string',
      availabilityZones: 'list',
      publicSubnetIds: 'list',
      privateSubnetIds: 'list',
      endpointSecurityGroupId: 'string',
    },
  },
  secrets: {
    retain: 'boolean',
    clients: 'list',
    gracePeriodHours: 'number',
    administratorArns: 'list',
    apiKeySecretArn: 'string',
    apiKeyKmsKeyArn: 'string',
    apiKeyMaxAgeDays: 'number',
  },
  functions: { reserveConcurrency: 'boolean' },
  auditLog: { retentionDays: 'number' },
  archive: { lockDays: 'number' },
  image: { imageUri: 'string' },
  task: {
    cpu: 'number',
    memoryMiB: 'number',
    policyStatements: 'list',
    engine: 'string',
    oauth: { issuer: 'string', audience: 'string', jwksUrl: 'string', scopePrefix: 'string' },
    allowedDomains: 'list',
    allowedOrigins: 'list',
    trustedHops: 'number',
    clientLimitPerMinute: 'number',
    toolLimitPerMinute: 'number',
    authFailureLimitPerMinute: 'number',
    maxBodyBytes: 'number',
    scrapeTimeoutMs: 'number',
    scrapeMaxBytes: 'number',
  },
  limitStore: { kind: 'string', failure: 'string', maxEcpuPerSecond: 'number' },
  dnsFirewall: { additionalDomains: 'list', logRetentionDays: 'number' },
  accessLogs: { retentionDays: 'number' },
  edge: {
    deletionProtection: 'boolean',
    allowedCidrs: 'list',
    mutualTls: { caBundle: 'string', revocationLists: 'list' },
    verifyTokens: { audienceFormat: 'string' },
  },
  scaling: {
    minTasks: 'number',
    maxTasks: 'number',
    cpuPercent: 'number',
    memoryPercent: 'number',
    requestsPerTargetPerMinute: 'number',
  },
  webAcl: {
    rateLimitPer5Min: 'number',
    toolRateLimitPer5Min: 'number',
    unauthenticatedRateLimitPer5Min: 'number',
    totalRateLimitPer5Min: 'number',
    allowedCountries: 'list',
    blockedCidrs: 'list',
    countedRules: 'list',
    logRetentionDays: 'number',
  },
  monitoring: {
    email: 'string',
    pagerEmail: 'string',
    runbookUrl: 'string',
    latencyP99Ms: 'number',
    deniedCallsPer5Min: 'number',
    blockedRequestsPer5Min: 'number',
  },
  budget: { monthlyUsd: 'number', email: 'string' },
};

/**
 * Checks what concerns no construct alone: that every option exists, that the region does, and what production needs.
 *
 * @throws OptionError naming the option, the rule and what was got.
 */
export function assertStageConfig(config: StageConfig): void {
  assertShape('', config, SHAPE);

  // Types say so too, but a synth does not check types.
  for (const [name, value] of [
    ['region', config.region],
    ['domain', config.domain],
    ['domain.domainName', config.domain?.domainName],
  ] as const) {
    if (value === undefined) throw new OptionError(`${name} must be given`);
  }
  const regions = RegionInfo.regions.map(({ name }) => name);
  if (!regions.includes(config.region)) {
    throw new OptionError(
      `region must be an AWS region${didYouMean(config.region, regions)}, got ${JSON.stringify(config.region)}`,
    );
  }

  if (config.dnsFirewall && !hasDnsFirewall(config)) {
    throw new OptionError(
      'dnsFirewall must be left out with network.vpc, whose other workloads it would cut off, and while task.allowedDomains has *',
    );
  }
  if (config.task?.oauth) assertKeysReachable(config.task.oauth, config.network ?? {}, config.region);

  if (config.terminationProtection === false) return;
  const floor = 'in a stage with terminationProtection';
  const minTasks = config.scaling?.minTasks ?? 2;
  if (minTasks < 2) throw new OptionError(`scaling.minTasks must be at least 2 ${floor}, got ${minTasks}`);
  if (config.edge?.deletionProtection === false) {
    throw new OptionError(`edge.deletionProtection must be true ${floor}, got false`);
  }
  for (const [name, value] of [
    ['auditLog.retentionDays', config.auditLog?.retentionDays ?? 365],
    ['archive.lockDays', config.archive?.lockDays ?? 365],
  ] as const) {
    if (value < 365) throw new OptionError(`${name} must be at least 365 ${floor}, got ${value}`);
  }
}

/** Whether names that are not listed can be blocked: in a VPC of ours, unless any host may be scraped from there. */
export function hasDnsFirewall({ network, task }: StageConfig): boolean {
  const internet = network?.egress !== 'endpoints';
  return network?.vpc === undefined && !resolvesAnyName({ task: task ?? {}, internet });
}
