import type { FoundResource, SynthesizedTemplate } from '../../../infra/rules/synthesized-template.ts';
import { listOf, referencesIn } from '../../../infra/rules/synthesized-template.ts';
import { assume, gigabytes, HOURS } from '../assumptions.ts';
import type { Billable, Line } from '../line.ts';
import { definitionOf, SERVICE, tasksOf } from './tasks.ts';

interface Written {
  /** GB a month. */
  readonly idle: number;
  readonly perMillion: number;
}

/** GB of flow logs that the health checks cause. */
function healthChecks(template: SynthesizedTemplate): number {
  const tasks = template.all(SERVICE).reduce((sum, found) => sum + tasksOf(found, template), 0);
  return template.all('AWS::ElasticLoadBalancingV2::TargetGroup').reduce((sum, { properties }) => {
    const checks = (HOURS * 3600) / Number(properties['HealthCheckIntervalSeconds'] ?? 30);
    return sum + (checks * tasks * assume('healthCheckNodes') * assume('healthCheckBytes')) / 1e9;
  }, 0);
}

/** Log volume by the type of the resource that configures the logging. Other resources log a few lines. */
const WRITERS: Readonly<Record<string, (template: SynthesizedTemplate) => Written>> = {
  'AWS::EC2::FlowLog': (template) => ({
    idle: healthChecks(template),
    perMillion: gigabytes(assume('flowLogBytes')),
  }),
  'AWS::Route53Resolver::ResolverQueryLoggingConfig': () => ({
    idle: 0,
    perMillion: gigabytes(assume('dnsQueries') * assume('dnsLogBytes')),
  }),
  'AWS::WAFv2::LoggingConfiguration': () => ({ idle: 0, perMillion: gigabytes(assume('firewallLogBytes')) }),
};

function writtenTo(logicalId: string, template: SynthesizedTemplate): Written {
  const into = ({ properties }: FoundResource) => referencesIn(properties).includes(logicalId);
  const audit = template
    .all(SERVICE)
    // The log of a server behind the service is not counted.
    .filter((found) =>
      listOf(definitionOf(found, template)['ContainerDefinitions']).some(
        (container) => container['PortMappings'] && referencesIn(container).includes(logicalId),
      ),
    )
    .map(() => ({ idle: 0, perMillion: gigabytes(assume('auditBytes')) }));
  const others = Object.entries(WRITERS).flatMap(([type, written]) =>
    template
      .all(type)
      .filter(into)
      .map(() => written(template)),
  );
  return [...audit, ...others].reduce(
    (sum, one) => ({ idle: sum.idle + one.idle, perMillion: sum.perMillion + one.perMillion }),
    { idle: 0, perMillion: 0 },
  );
}

/** Months of a retention in days. */
function months(days: unknown): number {
  return days === undefined ? assume('keptMonths') : Number(days) / (365 / 12);
}

/** Storage once the whole retention has passed, as if nothing were compressed. */
function logGroup({ logicalId, properties }: FoundResource, template: SynthesizedTemplate): Line[] {
  const { RetentionInDays, DataProtectionPolicy } = properties;
  const { idle, perMillion } = writtenTo(logicalId, template);
  const kept = months(RetentionInDays);
  return [
    { price: 'logData', idle, perMillion },
    { price: 'logStorage', idle: idle * kept, perMillion: perMillion * kept },
    ...(DataProtectionPolicy ? [{ price: 'logMasking', idle, perMillion } as const] : []),
  ];
}

function bucket({ logicalId, properties }: FoundResource, template: SynthesizedTemplate): Line[] {
  const writes = (type: string) =>
    template.all(type).some((found) => referencesIn(found.properties).includes(logicalId));
  const bytes =
    (writes('AWS::ElasticLoadBalancingV2::LoadBalancer') ? assume('accessLogBytes') : 0) +
    (writes('AWS::KinesisFirehose::DeliveryStream') ? assume('auditBytes') : 0);
  const expiry = listOf(properties['LifecycleConfiguration']?.Rules).find((rule) => rule['ExpirationInDays']);
  return [{ price: 'objectStorage', perMillion: gigabytes(bytes) * months(expiry?.['ExpirationInDays']) }];
}

export const LOGS: Readonly<Record<string, Billable>> = {
  'AWS::Logs::LogGroup': {
    group: 'Logs',
    why: 'Audit records, masked; flow, firewall and DNS logs; kept for a year, by the default of each retention',
    count: logGroup,
  },
  'AWS::S3::Bucket': {
    group: 'Logs',
    why: 'Access, connection and health check logs of the load balancer; with `archive` the second copy of the audit log',
    count: bucket,
  },
  'AWS::KinesisFirehose::DeliveryStream': {
    group: 'Logs',
    why: 'Carries audit records into the archive',
    count: () => [{ price: 'firehoseData', perMillion: gigabytes(assume('auditBytes')) }],
  },
};
