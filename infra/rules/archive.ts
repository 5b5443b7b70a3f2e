import { auditLogs } from './logs.ts';
import { every, must, type Rule } from './rule.ts';
import { mentions, textOf } from './statements.ts';
import { listOf, type Properties, referencesIn, type SynthesizedTemplate } from './synthesized-template.ts';

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

/** Whether a subscription forwards all records of the audit log to a stream. */
function isFed(template: SynthesizedTemplate, stream: string): boolean {
  return template
    .all('AWS::Logs::SubscriptionFilter')
    .some(
      ({ properties: { LogGroupName, FilterPattern, DestinationArn } }) =>
        auditLogs(template).some(({ logicalId }) => logicalId === template.target(LogGroupName)?.logicalId) &&
        FilterPattern === EVERY_RECORD &&
        mentions(DestinationArn, stream),
    );
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
          !isFed(template, logicalId) && `a subscription of the audit log must be ${EVERY_RECORD} into it`,
          must('ProcessingConfiguration.Enabled', Enabled, true),
          must('Processors', listOf(Processors).map(processor), PROCESSORS),
        ];
      },
      { needed: false },
    ),
  },
];
