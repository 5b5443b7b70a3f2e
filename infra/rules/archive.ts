import { identityPolicies } from './grants.ts';
import { auditLogs } from './logs.ts';
import { every, must, type Rule } from './rule.ts';
import { mentions, textOf } from './statements.ts';
import {
  type FoundResource,
  listOf,
  type Properties,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const STREAM = 'AWS::KinesisFirehose::DeliveryStream';
const KEY = 'AWS::KMS::Key';
const archive = { file: 'infra/constructs/archive.ts' };

/** Matches all records of the audit log, and nothing else in it. */
const EVERY_RECORD = '{ $.type = "audit" }';
/** Processors that split the batches of CloudWatch Logs into lines, and drop none. */
const PROCESSORS = [
  'Decompression CompressionFormat=GZIP',
  'CloudWatchLogProcessing DataMessageExtraction=true',
  'AppendDelimiterToRecord Delimiter=\\n',
];

/** Keys of an archive: the stream's, the objects' and the bucket's. */
function keysOf(stream: Properties, bucket: Properties | undefined): readonly unknown[] {
  const encrypted = listOf(bucket?.['BucketEncryption']?.ServerSideEncryptionConfiguration);
  return [
    stream['ExtendedS3DestinationConfiguration']?.EncryptionConfiguration?.KMSEncryptionConfig?.AWSKMSKeyARN,
    stream['DeliveryStreamEncryptionConfigurationInput']?.KeyARN,
    ...encrypted.map(({ ServerSideEncryptionByDefault }) => ServerSideEncryptionByDefault?.KMSMasterKeyID),
  ];
}

/** Resources that refer to a key, other than permissions for it. */
function usersOf(template: SynthesizedTemplate, key: string): readonly string[] {
  return Object.entries(template.resources)
    .filter(
      ([, { Type, Properties }]) => !Type.startsWith('AWS::IAM::') && referencesIn(Properties).includes(key),
    )
    .map(([logicalId]) => logicalId);
}

function processor({ Type, Parameters }: Properties): string {
  const pairs = listOf(Parameters).map(
    ({ ParameterName, ParameterValue }) => `${ParameterName}=${ParameterValue}`,
  );
  return [Type, ...pairs].join(' ');
}

/** The subscription that forwards all records of the audit log to a stream. */
function feedOf(template: SynthesizedTemplate, stream: string): FoundResource | undefined {
  return template
    .all('AWS::Logs::SubscriptionFilter')
    .find(
      ({ properties: { LogGroupName, FilterPattern, DestinationArn } }) =>
        auditLogs(template).some(({ logicalId }) => logicalId === template.target(LogGroupName)?.logicalId) &&
        FilterPattern === EVERY_RECORD &&
        mentions(DestinationArn, stream),
    );
}

/** The permissions that a caller needs to write to a Firehose stream with a customer-managed key. */
const TO_STREAM = ['firehose:PutRecord', 'firehose:PutRecordBatch'];
const WITH_KEY = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** Actions that the role of a subscription needs to write to its stream, and lacks. */
function lackingOf(
  feed: FoundResource | undefined,
  { DeliveryStreamName, DeliveryStreamEncryptionConfigurationInput }: Properties,
  template: SynthesizedTemplate,
): readonly string[] {
  const role = template.target(feed?.properties['RoleArn'])?.logicalId ?? '';
  const statements = identityPolicies(template)
    .filter(({ roles }) => roles.includes(role))
    .flatMap(({ document }) => listOf(document?.['Statement']));
  const allows = (action: string, isNeeded: (resource: string) => boolean) =>
    statements.some(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' &&
        listOf(Action).map(String).includes(action) &&
        listOf(Resource).map(textOf).some(isNeeded),
    );
  const key = textOf(DeliveryStreamEncryptionConfigurationInput?.KeyARN);
  return [
    ...TO_STREAM.filter(
      (action) => !allows(action, (arn) => arn.endsWith(`:deliverystream/${DeliveryStreamName}`)),
    ),
    ...WITH_KEY.filter((action) => !allows(action, (arn) => arn === key)),
  ];
}

/** The metrics of what does not reach an archive, and the dimension that names the resource. */
const FAILURES = [
  ['AWS/Logs', 'DeliveryErrors', 'FilterName'],
  ['AWS/Logs', 'DeliveryThrottling', 'FilterName'],
  ['AWS/Firehose', 'DeliveryToS3.DataFreshness', 'DeliveryStreamName'],
] as const;

/** Names of those metrics without an alarm. */
function unwatched(
  template: SynthesizedTemplate,
  feed: FoundResource | undefined,
  stream: string,
): readonly string[] {
  return FAILURES.filter(
    ([namespace, name, dimension]) =>
      !template
        .all('AWS::CloudWatch::Alarm')
        .some(
          ({ properties: { Namespace, MetricName, Dimensions } }) =>
            Namespace === namespace &&
            MetricName === name &&
            listOf(Dimensions).some(
              ({ Name, Value }) =>
                Name === dimension &&
                (Name === 'FilterName'
                  ? typeof Value === 'string' && Value === feed?.properties['FilterName']
                  : template.target(Value)?.logicalId === stream),
            ),
        ),
  ).map(([namespace, name]) => `${namespace} ${name}`);
}

export const archiveRules: readonly Rule[] = [
  {
    id: 'ArchiveLocked',
    control:
      'An archive of the audit log is locked in compliance mode, in production for a year or more, under a key of its own',
    fsbp: [],
    ...archive,
    check: every(
      STREAM,
      (stream, template, logicalId) => {
        const bucket = template.target(stream['ExtendedS3DestinationConfiguration']?.BucketARN);
        const lock = bucket?.properties['ObjectLockConfiguration']?.Rule?.DefaultRetention;
        const keys = new Set(keysOf(stream, bucket?.properties).map(textOf));
        const [first] = keysOf(stream, bucket?.properties);
        const others = usersOf(template, template.target(first)?.logicalId ?? '').filter(
          (user) => user !== logicalId && user !== bucket?.logicalId,
        );
        return [
          must('ObjectLockEnabled', bucket?.properties['ObjectLockEnabled'], true),
          must('the mode of its default retention', lock?.Mode, 'COMPLIANCE'),
          template.production &&
            !(lock?.Days >= 365 || lock?.Years >= 1) &&
            `its default retention must be 365 days or more, got ${lock?.Days}`,
          !(template.names(first, KEY) && keys.size === 1) &&
            'the stream, its objects and the bucket must be encrypted with one key of this template',
          others.length > 0 && `its key must encrypt nothing else, got ${others.join(', ')}`,
          must(
            'KeyType',
            stream['DeliveryStreamEncryptionConfigurationInput']?.KeyType,
            'CUSTOMER_MANAGED_CMK',
          ),
        ];
      },
      { needed: false },
    ),
  },
  {
    id: 'ArchiveComplete',
    control: 'Every record of the audit log is copied to the archive, as a line of its own',
    fsbp: [],
    ...archive,
    check: every(
      STREAM,
      ({ ExtendedS3DestinationConfiguration: destination }, template, logicalId) => {
        const { Enabled, Processors } = (destination?.ProcessingConfiguration ?? {}) as Properties;
        return [
          !feedOf(template, logicalId) && `a subscription of the audit log must be ${EVERY_RECORD} into it`,
          must('ProcessingConfiguration.Enabled', Enabled, true),
          must('Processors', listOf(Processors).map(processor), PROCESSORS),
        ];
      },
      { needed: false },
    ),
  },
  {
    id: 'ArchiveWritable',
    control: 'The subscription of the archive may write to its stream, and use the key that encrypts it',
    fsbp: [],
    ...archive,
    check: every(
      STREAM,
      (stream, template, logicalId) =>
        lackingOf(feedOf(template, logicalId), stream, template).map(
          (action) => `the role of its subscription must allow ${action}`,
        ),
      { needed: false },
    ),
  },
  {
    id: 'ArchiveAlarms',
    control: 'Records that do not reach the archive, or reach it late, raise alarms',
    fsbp: [],
    file: 'infra/constructs/monitoring/archive-alarms.ts',
    check: every(
      STREAM,
      ({ ExtendedS3DestinationConfiguration: destination }, template, logicalId) => {
        const { Enabled, LogGroupName } = (destination?.CloudWatchLoggingOptions ?? {}) as Properties;
        const counted = template
          .all('AWS::Logs::MetricFilter')
          .some(
            ({ properties }) =>
              properties['FilterPattern'] === '' &&
              textOf(properties['LogGroupName']) === textOf(LogGroupName),
          );
        return [
          ...unwatched(template, feedOf(template, logicalId), logicalId).map(
            (metric) => `no alarm reads ${metric}`,
          ),
          must('CloudWatchLoggingOptions.Enabled', Enabled, true),
          // LogMetricsAlarmed requires the alarm.
          !counted && 'a metric filter must count every line of its log of failed writes',
        ];
      },
      { needed: false },
    ),
  },
];
