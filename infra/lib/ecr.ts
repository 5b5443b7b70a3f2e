import { RegionInfo } from 'aws-cdk-lib/region-info';

/** The actions that pull an image from a repository, besides `ecr:GetAuthorizationToken`. */
export const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'];

/**
 * Hosts that a pull from ECR resolves, those of layers included. The bucket of layers has had both names; it belongs to
 * the region and is run by ECR.
 */
export function ecrDomains(account: string, region: string): readonly string[] {
  const suffix = RegionInfo.get(region).domainSuffix ?? 'amazonaws.com';
  const layers = `prod-${region}-starport-layer-bucket.s3`;
  return [
    `api.ecr.${region}.${suffix}`,
    `${account}.dkr.ecr.${region}.${suffix}`,
    `${layers}.${region}.${suffix}`,
    `${layers}.${suffix}`,
  ];
}
