import { RegionInfo } from 'aws-cdk-lib/region-info';
import { every, must, type Rule } from './rule.ts';
import {
  isEverybody,
  listOf,
  type Properties,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const BUCKET = 'AWS::S3::Bucket';
const TOPIC = 'AWS::SNS::Topic';
const logs = { file: 'infra/constructs/access-logs.ts', test: 'test/infra/access-logs.test.ts' };
const topic = { file: 'infra/lib/alarm-topics.ts', test: 'test/infra/monitoring.test.ts' };

/** The statements of the policy that a resource has. */
function statementsOf(
  template: SynthesizedTemplate,
  type: string,
  of: string,
  logicalId: string,
): Properties[] {
  return template
    .all(type)
    .filter(({ properties }) =>
      listOf(properties[of]).some((reference) => template.target(reference)?.logicalId === logicalId),
    )
    .flatMap(({ properties }) => listOf(properties['PolicyDocument']?.Statement));
}

/** Accounts of AWS that write the logs of load balancers, one a region. */
const LOG_WRITERS = RegionInfo.regions.flatMap(({ elbv2Account, partition }) =>
  elbv2Account ? [`arn:${partition}:iam::${elbv2Account}:root`] : [],
);

/** Whether a principal is of the template, or named by the account it is deployed to. */
function isOfThisAccount(principal: unknown): boolean {
  return typeof principal !== 'string' && referencesIn(principal).length > 0;
}

/** Whether everybody is denied an action without TLS, with no other condition that narrows it. */
function deniesPlainHttp(statements: readonly Properties[], action: string): boolean {
  return statements.some(
    (statement) =>
      statement['Effect'] === 'Deny' &&
      isEverybody(statement) &&
      listOf(statement['Action']).map(String).includes(action) &&
      JSON.stringify(statement['Condition']) === '{"Bool":{"aws:SecureTransport":"false"}}',
  );
}

export const storageRules: readonly Rule[] = [
  {
    id: 'BucketsPrivate',
    control: 'Every bucket blocks public access and has no access lists',
    fsbp: ['S3.1', 'S3.2', 'S3.3', 'S3.8'],
    ...logs,
    check: every(BUCKET, ({ PublicAccessBlockConfiguration: block, OwnershipControls }) => [
      ...(['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'] as const).map(
        (name) => must(name, block?.[name], true),
      ),
      must('ObjectOwnership', OwnershipControls?.Rules?.[0]?.ObjectOwnership, 'BucketOwnerEnforced'),
    ]),
  },
  {
    id: 'BucketsTlsOnly',
    control: 'Every bucket refuses requests without TLS',
    fsbp: ['S3.5'],
    ...logs,
    check: every(BUCKET, (_bucket, template, logicalId) => [
      !deniesPlainHttp(statementsOf(template, 'AWS::S3::BucketPolicy', 'Bucket', logicalId), 's3:*') &&
        'its policy must deny what comes without TLS',
    ]),
  },
  {
    id: 'BucketsNotShared',
    control:
      'No policy of a bucket lets another account in, but AWS’s own that writes a load balancer’s logs',
    fsbp: ['S3.6'],
    ...logs,
    check: every(
      'AWS::S3::BucketPolicy',
      ({ PolicyDocument }) =>
        listOf(PolicyDocument?.Statement)
          .filter(({ Effect }) => Effect === 'Allow')
          .flatMap(({ Principal, Action }) =>
            isEverybody({ Principal })
              ? ['PolicyDocument must allow nothing to *']
              : listOf(Principal.AWS).map(
                  (principal: unknown) =>
                    !isOfThisAccount(principal) &&
                    !(Action === 's3:PutObject' && LOG_WRITERS.includes(String(principal))) &&
                    `PolicyDocument must not allow ${Action} to ${JSON.stringify(principal)}`,
                ),
          ),
      { needed: false },
    ),
  },
  {
    id: 'BucketsKept',
    control: 'Every bucket is encrypted, keeps versions, expires them, and outlives the stack',
    fsbp: ['S3.13'],
    ...logs,
    check: (template) =>
      template
        .all(BUCKET)
        .flatMap(({ logicalId, resource, properties }) =>
          [
            !listOf(properties['BucketEncryption']?.ServerSideEncryptionConfiguration).length &&
              'BucketEncryption must be set',
            must('VersioningConfiguration', properties['VersioningConfiguration'], { Status: 'Enabled' }),
            !listOf(properties['LifecycleConfiguration']?.Rules).some(({ Status }) => Status === 'Enabled') &&
              'LifecycleConfiguration must have an enabled rule',
            !resource.DeletionPolicy?.startsWith('Retain') && 'DeletionPolicy must retain it',
          ].flatMap((problem) => (problem ? [{ logicalId, problem }] : [])),
        ),
  },
  {
    id: 'BucketsLogged',
    control: 'Every access to a bucket is written down in a bucket of the stack',
    fsbp: ['S3.9'],
    ...logs,
    check: every(BUCKET, ({ LoggingConfiguration: logging }, template) => {
      // Without one it is the bucket itself.
      const destination = logging?.DestinationBucketName;
      return [
        !logging?.LogFilePrefix && 'LoggingConfiguration.LogFilePrefix must be set',
        destination !== undefined &&
          !template.names(destination, BUCKET) &&
          'LoggingConfiguration.DestinationBucketName must be a bucket of this template',
      ];
    }),
  },
  {
    id: 'TopicsEncrypted',
    control: 'Every topic is encrypted with a key of the stack',
    fsbp: ['SNS.1'],
    ...topic,
    check: every(TOPIC, ({ KmsMasterKeyId }, template) => [
      !template.names(KmsMasterKeyId, 'AWS::KMS::Key') && 'KmsMasterKeyId must be a key of this template',
    ]),
  },
  {
    id: 'TopicsTlsOnly',
    control: 'Every topic refuses requests without TLS, and only this account publishes',
    fsbp: ['SNS.4'],
    ...topic,
    check: every(TOPIC, (_topic, template, logicalId) => {
      const statements = statementsOf(template, 'AWS::SNS::TopicPolicy', 'Topics', logicalId);
      const open = statements.filter(
        ({ Effect, Condition }) =>
          Effect === 'Allow' && !JSON.stringify(Condition ?? {}).includes('AWS::AccountId'),
      );
      return [
        !deniesPlainHttp(statements, 'sns:Publish') && 'its policy must deny what comes without TLS',
        open.length > 0 && 'its policy must bind publishers to this account',
      ];
    }),
  },
  {
    id: 'SubscriptionsEncrypted',
    control: 'No subscription of a topic carries alarms over plain HTTP',
    fsbp: [],
    ...topic,
    check: every(
      'AWS::SNS::Subscription',
      ({ Protocol }) => [Protocol === 'http' && 'Protocol must be https, not http'],
      { needed: false },
    ),
  },
];
