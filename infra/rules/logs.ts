import { every, must, type Rule } from './rule.ts';
import { listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

const LOG_GROUP = 'AWS::Logs::LogGroup';
const audit = { file: 'infra/constructs/audit-log.ts', test: 'test/infra/audit-log.test.ts' };

/** The log groups that containers write to: the audit trail. */
export function auditLogs(template: SynthesizedTemplate) {
  const named = template
    .all('AWS::ECS::TaskDefinition')
    .flatMap(({ properties }) => listOf(properties['ContainerDefinitions']))
    .map(({ LogConfiguration }) => template.target(LogConfiguration?.Options?.['awslogs-group'])?.logicalId);
  return template.all(LOG_GROUP).filter(({ logicalId }) => named.includes(logicalId));
}

/** What must be counted: words of the service's own lines. */
const COUNTED = [
  ['outcome', 'denied'],
  ['outcome', 'rate_limited'],
  ['outcome', 'error'],
  ['event', 'secret_refresh_failed'],
  ['event', 'audit_backpressure'],
] as const;

export const logRules: readonly Rule[] = [
  {
    id: 'LogsEncrypted',
    control: 'Every log group is encrypted with a key of the stack',
    fsbp: [],
    ...audit,
    check: every(LOG_GROUP, ({ KmsKeyId }, template) => [
      !template.names(KmsKeyId, 'AWS::KMS::Key') && 'KmsKeyId must be a key of this template',
    ]),
  },
  {
    id: 'LogsRetained',
    control: 'Every log group keeps its lines for a stated time and outlives the stack',
    fsbp: [],
    ...audit,
    check: (template) =>
      template
        .all(LOG_GROUP)
        .flatMap(({ logicalId, resource, properties }) => [
          ...(properties['RetentionInDays'] > 0
            ? []
            : [{ logicalId, problem: 'RetentionInDays must be set' }]),
          ...(resource.DeletionPolicy?.startsWith('Retain')
            ? []
            : [{ logicalId, problem: 'DeletionPolicy must retain it' }]),
        ]),
  },
  {
    id: 'AuditLogKept',
    control: 'The audit log is protected from deletion and, in production, keeps a year or more',
    fsbp: ['CloudWatch.16'],
    ...audit,
    check: (template) => {
      const logs = auditLogs(template);
      if (logs.length === 0) return [{ problem: 'no container writes to a log group of this template' }];
      return logs.flatMap(({ logicalId, properties }) =>
        [
          must('DeletionProtectionEnabled', properties['DeletionProtectionEnabled'], true),
          template.production &&
            !(properties['RetentionInDays'] >= 365) &&
            `RetentionInDays must be 365 or more, got ${properties['RetentionInDays']}`,
        ].flatMap((problem) => (problem ? [{ logicalId, problem }] : [])),
      );
    },
  },
  {
    id: 'AuditMasked',
    control:
      'What looks like a token or key in the audit log is masked for readers, should the service miss it',
    fsbp: [],
    ...audit,
    check: (template) =>
      auditLogs(template).flatMap(({ logicalId, properties }) => {
        const { Statement, Configuration } = (properties['DataProtectionPolicy'] ?? {}) as Properties;
        const custom = listOf(Configuration?.CustomDataIdentifier).map(({ Name }) => String(Name));
        const masked = listOf(Statement)
          .filter(({ Operation }) => Operation?.Deidentify?.MaskConfig !== undefined)
          .flatMap(({ DataIdentifier }) => listOf(DataIdentifier).map((name) => JSON.stringify(name)));
        return ['BearerToken', 'JsonWebToken'].flatMap((name) =>
          custom.includes(name) && masked.some((identifier) => identifier.includes(name))
            ? []
            : [{ logicalId, problem: `DataProtectionPolicy must mask ${name}` }],
        );
      }),
  },
  {
    id: 'ArchiveLocked',
    control:
      'An archive of the audit log is locked in compliance mode, in production for a year or more, under a key of its own',
    fsbp: [],
    file: 'infra/constructs/archive.ts',
    test: 'test/infra/archive.test.ts',
    check: every(
      'AWS::KinesisFirehose::DeliveryStream',
      (
        { ExtendedS3DestinationConfiguration: destination, DeliveryStreamEncryptionConfigurationInput },
        template,
      ) => {
        const bucket = template.target(destination?.BucketARN)?.properties;
        const lock = bucket?.['ObjectLockConfiguration']?.Rule?.DefaultRetention;
        return [
          must('ObjectLockEnabled', bucket?.['ObjectLockEnabled'], true),
          must('the mode of its default retention', lock?.Mode, 'COMPLIANCE'),
          template.production &&
            !(lock?.Days >= 365 || lock?.Years >= 1) &&
            `its default retention must be 365 days or more, got ${lock?.Days}`,
          !template.names(
            destination?.EncryptionConfiguration?.KMSEncryptionConfig?.AWSKMSKeyARN,
            'AWS::KMS::Key',
          ) && 'EncryptionConfiguration must name a key of this template',
          must('KeyType', DeliveryStreamEncryptionConfigurationInput?.KeyType, 'CUSTOMER_MANAGED_CMK'),
        ];
      },
      { needed: false },
    ),
  },
  {
    id: 'AuditCounted',
    control: 'Refusals, limits, failures, secrets that cannot be read and a full audit buffer are counted',
    fsbp: [],
    file: 'infra/constructs/log-metrics.ts',
    test: 'test/infra/monitoring.test.ts',
    check: (template) => {
      const logs = auditLogs(template).map(({ logicalId }) => logicalId);
      const patterns = template
        .all('AWS::Logs::MetricFilter')
        .filter(({ properties }) =>
          logs.includes(template.target(properties['LogGroupName'])?.logicalId ?? ''),
        )
        .map(({ properties }) => String(properties['FilterPattern']));
      return COUNTED.flatMap(([field, word]) =>
        patterns.some((pattern) => pattern.includes(`$.${field} = "${word}"`))
          ? []
          : [{ problem: `no metric filter counts ${field} ${word} in the audit log` }],
      );
    },
  },
];
