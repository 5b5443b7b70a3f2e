import {
  type MutualAuthentication,
  MutualAuthenticationMode,
  TrustStore,
  TrustStoreRevocation,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IDependable } from 'constructs';
import * as z from 'zod';
import { listOf, text } from '../../lib/option-types.ts';

const S3_OBJECT = text(
  /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s?#]{1,1024}$/,
  's3://BUCKET/KEY of an object in the region of the stage',
);

/** ELB reads the objects once, at deployment, with the deployer's permissions. */
export const mutualTlsOptions = z.strictObject({
  caBundle: S3_OBJECT.describe(
    'PEM certificates of the certificate authorities, as `s3://BUCKET/KEY` in the region of the stage. Put a new bundle ' +
      'under a new key: the load balancer does not read a changed object again.',
  ),
  // A trust store takes 30 (Application Load Balancer quotas).
  revocationLists: listOf(S3_OBJECT, { max: 30 })
    .default([])
    .describe('Lists of revoked certificates (CRL), as `s3://BUCKET/KEY`, likewise.'),
});

type MutualTlsOptions = z.output<typeof mutualTlsOptions>;

export interface MutualTls {
  readonly mutualAuthentication: MutualAuthentication;
  /** Resources that must exist before the first handshake. */
  readonly dependencies: readonly IDependable[];
}

/** Clients without a valid certificate cannot connect. The token is still required. */
export function mutualTls(scope: Construct, options: MutualTlsOptions): MutualTls {
  const bundle = s3Object(scope, 'CaBundle', options.caBundle);
  const lists = options.revocationLists.map((list, index) => s3Object(scope, `RevocationList${index}`, list));
  const trustStore = new TrustStore(scope, 'TrustStore', bundle);
  const revocation =
    lists.length > 0
      ? [new TrustStoreRevocation(scope, 'Revocation', { trustStore, revocationContents: lists })]
      : [];
  return {
    mutualAuthentication: {
      mutualAuthenticationMode: MutualAuthenticationMode.VERIFY,
      trustStore,
      ignoreClientCertificateExpiry: false,
    },
    dependencies: [trustStore, ...revocation],
  };
}

function s3Object(scope: Construct, id: string, url: string) {
  const [bucketName = '', ...key] = url.slice('s3://'.length).split('/');
  return { bucket: Bucket.fromBucketName(scope, id, bucketName), key: key.join('/') };
}
