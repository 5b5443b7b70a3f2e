import type { AccessLogsOptions } from './constructs/access-logs.ts';
import type { AuditLogOptions } from './constructs/audit-log.ts';
import type { DomainOptions } from './constructs/domain.ts';
import type { EdgeOptions } from './constructs/edge.ts';
import type { ImageOptions } from './constructs/image.ts';
import type { MonitoringOptions } from './constructs/monitoring.ts';
import type { NetworkOptions } from './constructs/network.ts';
import type { ScalingOptions } from './constructs/scaling.ts';
import type { SecretsOptions } from './constructs/secrets.ts';
import type { TaskOptions } from './constructs/task.ts';
import type { WebAclOptions } from './constructs/web-acl.ts';

/** One deployment of the stack. What an option means, its bounds and its default stand at the construct. */
export interface StageConfig {
  /** Region of everything, such as `eu-central-1`. */
  readonly region: string;
  /** Whether the stack must be unprotected by hand before it can be deleted. @default true */
  readonly terminationProtection?: boolean;
  readonly domain: DomainOptions;
  readonly network?: NetworkOptions;
  readonly secrets?: SecretsOptions;
  readonly auditLog?: AuditLogOptions;
  readonly image?: ImageOptions;
  readonly task?: TaskOptions;
  readonly accessLogs?: AccessLogsOptions;
  readonly edge?: EdgeOptions;
  readonly scaling?: ScalingOptions;
  readonly webAcl?: WebAclOptions;
  readonly monitoring?: MonitoringOptions;
}

/** To try it out: one task, one NAT gateway, gone with `cdk destroy` except for its logs and their key. */
const dev: StageConfig = {
  region: 'us-east-1',
  terminationProtection: false,
  domain: {
    domainName: 'mcp-dev.example.com', // replace me
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' }, // replace me
  },
  network: { natGateways: 1 },
  secrets: { retain: false },
  task: { cpu: 256, memoryMiB: 512, allowedDomains: ['example.com', '*.example.com'] }, // replace me
  edge: { deletionProtection: false },
  scaling: { minTasks: 1, maxTasks: 2 },
};

/** What a zone's failure, a lost task or a careless `cdk destroy` does not take down. */
const prod: StageConfig = {
  region: 'us-east-1',
  domain: {
    domainName: 'mcp.example.com', // replace me
    hostedZone: { id: 'Z0123456789EXAMPLE', name: 'example.com' }, // replace me
  },
  task: { cpu: 512, memoryMiB: 1024, allowedDomains: ['example.com', '*.example.com'] }, // replace me
  scaling: { minTasks: 2, maxTasks: 6 },
  monitoring: { email: 'oncall@example.com' }, // replace me
};

/** The stages by name: `cdk deploy -c stage=NAME` deploys the stack `Mcp-NAME`. */
export const stages = { dev, prod };
