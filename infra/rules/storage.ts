import { RegionInfo } from 'aws-cdk-lib/region-info';
import { every, must, type Problems, type Rule } from './rule.ts';
import {
  denies,
  isArnOfThisAccount,
  isForThisAccount,
  policiesOf,
  textOf,
  WITH_OLD_TLS,
  WITHOUT_TLS,
} from './statements.ts';
import { isEverybody, listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

const BUCKET = 'AWS::S3::Bucket';
/** Access paths of a bucket with their own policies. */
const ACCESS_PATHS = ['AWS::S3::AccessPoint', 'AWS::S3::MultiRegionAccessPoint', 'AWS::S3::AccessGrant'];
const logs = { file: 'infra/constructs/access-logs.ts' };

/** Accounts of AWS that write the logs of load balancers, one per region. */
const LOG_WRITERS = RegionInfo.regions.flatMap(({ elbv2Account, partition }) =>
  elbv2Account ? [`arn:${partition}:iam::${elbv2Account}:root`] : [],
);

/**
 * Log delivery services that send no source account. Their path contains the account instead, and only that account's
 * logs go there.
 */
const DELIVERIES: Readonly<Record<string, readonly string[]>> = {
  'delivery.logs.amazonaws.com': ['s3:PutObject', 's3:GetBucketAcl'],
  'logdelivery.elasticloadbalancing.amazonaws.com': ['s3:PutObject'],
};

/** Whether a statement allows writing logs only to the path of this account's logs. */
function writesOurLogs({ Action, Resource }: Properties): boolean {
  const paths = listOf(Resource).map(textOf);
  return (
    Action === 's3:PutObject' &&
    paths.length > 0 &&
    paths.every((path) => path.includes('/AWSLogs/<AWS.AccountId>/'))
  );
}

/** Whether a statement allows a service that acts for this account. */
function isForUs(statement: Properties, template: SynthesizedTemplate): boolean {
  const { Action, Principal } = statement;
  return (
    isForThisAccount(statement, template) ||
    (DELIVERIES[String(Principal.Service)]?.includes(String(Action)) === true &&
      (Action === 's3:GetBucketAcl' || writesOurLogs(statement)))
  );
}

/** Principals outside this account that a bucket policy's statement allows. */
function externalPrincipals(statement: Properties, template: SynthesizedTemplate): Problems {
  const { Principal, Action } = statement;
  if (isEverybody(statement)) return ['PolicyDocument must allow nothing to *'];
  const { AWS, Service, ...others } = Principal;
  return [
    ...Object.keys(others).map((kind) => `PolicyDocument must not allow ${Action} to a ${kind}`),
    Service !== undefined &&
      !isForUs(statement, template) &&
      `PolicyDocument must bind ${textOf(Service)} to this account`,
    ...listOf(AWS).map(
      (principal: unknown) =>
        !isArnOfThisAccount(principal, template) &&
        !(writesOurLogs(statement) && LOG_WRITERS.includes(String(principal))) &&
        `PolicyDocument must not allow ${Action} to ${JSON.stringify(principal)}`,
    ),
  ];
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
    control: 'Every bucket refuses requests without TLS 1.2 or later',
    fsbp: ['S3.5'],
    ...logs,
    check: every(BUCKET, (_bucket, template, logicalId) => {
      const policies = policiesOf(template, { 'AWS::S3::BucketPolicy': 'Bucket' }, logicalId);
      const parts = [`<${logicalId}.Arn>`, `<${logicalId}.Arn>/*`];
      return [
        policies.length === 0 && 'it must have a policy',
        ...[WITHOUT_TLS, WITH_OLD_TLS].map(
          (condition) =>
            !policies.every((policy) => denies(policy, 's3:*', parts, condition)) &&
            `its policy must deny ${condition} for the bucket and all its objects`,
        ),
      ];
    }),
  },
  {
    id: 'BucketsNotShared',
    control:
      'No bucket policy and no access point allows another account, except AWS’s own that writes a load balancer’s logs',
    fsbp: ['S3.6'],
    ...logs,
    check: (template) => [
      ...every(
        'AWS::S3::BucketPolicy',
        ({ PolicyDocument }) =>
          listOf(PolicyDocument?.Statement)
            .filter(({ Effect }) => Effect === 'Allow')
            .flatMap((statement) => externalPrincipals(statement, template)),
        { needed: false },
      )(template),
      ...ACCESS_PATHS.flatMap((type) =>
        every(type, () => ['a bucket must have no access path besides its own'], { needed: false })(template),
      ),
    ],
  },
  {
    id: 'BucketsRetained',
    control:
      'Every bucket is encrypted, keeps versions, expires them, and is retained when the stack is deleted',
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
    control: 'Every access to a bucket is logged to a bucket of the stack',
    fsbp: ['S3.9'],
    ...logs,
    check: every(BUCKET, ({ LoggingConfiguration: logging }, template) => {
      // Without a destination the logs go to the bucket itself.
      const destination = logging?.DestinationBucketName;
      return [
        !logging?.LogFilePrefix && 'LoggingConfiguration.LogFilePrefix must be set',
        destination !== undefined &&
          !template.names(destination, BUCKET) &&
          'LoggingConfiguration.DestinationBucketName must be a bucket of this template',
      ];
    }),
  },
];
