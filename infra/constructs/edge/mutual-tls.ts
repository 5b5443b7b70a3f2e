import {
  type MutualAuthentication,
  MutualAuthenticationMode,
  TrustStore,
  TrustStoreRevocation,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct, IDependable } from 'constructs';
import { assertMatches } from '../../lib/validation.ts';

/** Whose certificates let a client connect. Objects are read once, at deployment, by who deploys. */
export interface MutualTlsOptions {
  /**
   * Where the PEM certificates of the authorities are, as `s3://BUCKET/KEY` in the region of the stage. Put a new
   * bundle under a new key: a changed object is not noticed.
   */
  readonly caBundle: string;
  /** Where lists of revoked certificates are (CRL), as `s3://BUCKET/KEY`, likewise. @default - none */
  readonly revocationLists?: readonly string[];
}

export interface MutualTls {
  readonly mutualAuthentication: MutualAuthentication;
  /** What must be there before the first handshake. */
  readonly dependencies: readonly IDependable[];
}

/** Clients without a valid certificate get no connection. The token is asked for all the same. */
export function mutualTls(scope: Construct, options: MutualTlsOptions): MutualTls {
  const bundle = s3Object(scope, 'CaBundle', 'edge.mutualTls.caBundle', options.caBundle);
  const lists = (options.revocationLists ?? []).map((list, index) =>
    s3Object(scope, `RevocationList${index}`, 'edge.mutualTls.revocationLists', list),
  );
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
    dependencies: revocation,
  };
}

function s3Object(scope: Construct, id: string, option: string, url: string) {
  const rule = 's3://BUCKET/KEY of an object in the region of the stage';
  assertMatches(option, url, /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[^\s?#]{1,1024}$/, rule);
  const [bucketName = '', ...key] = url.slice('s3://'.length).split('/');
  return { bucket: Bucket.fromBucketName(scope, id, bucketName), key: key.join('/') };
}
