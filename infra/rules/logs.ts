import { MASKS } from '../../service/environment/bounds.ts';
import { every, must, type Rule } from './rule.ts';
import { isThisAccount, textOf } from './statements.ts';
import {
  listOf,
  type Properties,
  type SynthesizedTemplate,
  serviceContainers,
} from './synthesized-template.ts';

const LOG_GROUP = 'AWS::Logs::LogGroup';
const audit = { file: 'infra/constructs/audit-log/audit-log.ts' };

/** The log groups that the service writes to: the audit trail. */
export function auditLogs(template: SynthesizedTemplate) {
  const named = serviceContainers(template).map(
    ({ LogConfiguration }) => template.target(LogConfiguration?.Options?.['awslogs-group'])?.logicalId,
  );
  return template.all(LOG_GROUP).filter(({ logicalId }) => named.includes(logicalId));
}

/** Words of the service's own lines that must be counted. */
const COUNTED = [
  ['outcome', 'denied'],
  ['outcome', 'rate_limited'],
  ['outcome', 'error'],
  ['event', 'secret_refresh_failed'],
  ['event', 'audit_backpressure'],
] as const;

/** Whether a policy of logs, an object or its JSON text, allows only services that act for this account. */
function isForServicesOfThisAccount(document: unknown): boolean {
  try {
    return listOf(JSON.parse(textOf(document)).Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .every(({ Principal, Condition }) => {
        const account: unknown = Condition.StringEquals['aws:SourceAccount'];
        return (
          Object.keys(Principal).join() === 'Service' &&
          (account === '<AWS.AccountId>' || isThisAccount(account))
        );
      });
  } catch {
    return false;
  }
}

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
    control: 'Every log group has a retention period and is retained when the stack is deleted',
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
    id: 'AuditLogProtected',
    control: 'The audit log is protected from deletion and, in production, keeps a year or more',
    fsbp: ['CloudWatch.16'],
    ...audit,
    check: (template) => {
      const logs = auditLogs(template);
      if (logs.length === 0) return [{ problem: 'the service writes to no log group of this template' }];
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
      'Tokens and keys in the audit log that the service failed to redact are masked for readers, and nothing else is: a masked record could not be verified',
    fsbp: [],
    ...audit,
    check: (template) =>
      auditLogs(template).flatMap(({ logicalId, properties }) => {
        const { Statement, Configuration } = (properties['DataProtectionPolicy'] ?? {}) as Properties;
        const custom = listOf(Configuration?.CustomDataIdentifier).map(
          ({ Name, Regex }) => `${Name} ${Regex}`,
        );
        const masked = listOf(Statement)
          .filter(({ Operation }) => Operation?.Deidentify?.MaskConfig !== undefined)
          .flatMap(({ DataIdentifier }) => listOf(DataIdentifier).map(textOf));
        return [
          ...Object.entries(MASKS)
            .filter(
              ([name, expression]) => !(custom.includes(`${name} ${expression}`) && masked.includes(name)),
            )
            .map(([name, expression]) => `DataProtectionPolicy must mask ${name}: ${expression}`),
          ...masked
            .filter((identifier) => !Object.hasOwn(MASKS, identifier))
            .map(
              (identifier) =>
                `DataProtectionPolicy must not mask ${identifier}, which the service does not redact`,
            ),
        ].map((problem) => ({ logicalId, problem }));
      }),
  },
  {
    id: 'LogsNotShared',
    control:
      'No other account can write or read logs: services act for this account, copies stay in the stack',
    fsbp: [],
    file: 'infra/lib/log-delivery.ts',
    check: (template) => [
      ...every(
        'AWS::Logs::ResourcePolicy',
        ({ PolicyDocument }) => [
          !isForServicesOfThisAccount(PolicyDocument) &&
            'PolicyDocument must allow services alone, for this account by aws:SourceAccount',
        ],
        { needed: false },
      )(template),
      ...every(LOG_GROUP, ({ ResourcePolicyDocument }) => [
        ResourcePolicyDocument !== undefined &&
          !isForServicesOfThisAccount(ResourcePolicyDocument) &&
          'ResourcePolicyDocument must allow services alone, for this account by aws:SourceAccount',
      ])(template),
      ...every(
        'AWS::Logs::SubscriptionFilter',
        ({ DestinationArn }) => [
          template.target(DestinationArn) === undefined && 'DestinationArn must be of this template',
        ],
        { needed: false },
      )(template),
      ...every(
        'AWS::Logs::AccountPolicy',
        ({ PolicyType }) => [
          PolicyType === 'SUBSCRIPTION_FILTER_POLICY' &&
            'PolicyType must not subscribe to every log of the account',
        ],
        { needed: false },
      )(template),
    ],
  },
  {
    id: 'AuditMetrics',
    control: 'Refusals, limits, failures, unreadable secrets and a full audit buffer are counted',
    fsbp: [],
    file: 'infra/constructs/log-metrics.ts',
    check: (template) => {
      const logs = auditLogs(template).map(({ logicalId }) => logicalId);
      const patterns = template
        .all('AWS::Logs::MetricFilter')
        .filter(({ properties }) =>
          logs.includes(template.target(properties['LogGroupName'])?.logicalId ?? ''),
        )
        .map(({ properties }) => String(properties['FilterPattern']));
      return COUNTED.flatMap(([field, word]) =>
        // A filter with further conditions would be narrower than the control.
        patterns.some(
          (pattern) =>
            pattern.includes(`$.${field} = "${word}"`) &&
            (pattern.match(/\$\.\w+/g) ?? []).every((name) => ['$.type', `$.${field}`].includes(name)),
        )
          ? []
          : [{ problem: `no metric filter counts ${field} ${word} in the audit log` }],
      );
    },
  },
];
