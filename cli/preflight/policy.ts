import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { Check, Subject } from './check.ts';
import { CHECKS } from './checks.ts';

type Scope = Pick<Subject, 'config' | 'template'>;

/** Checks of features that the stage has. */
export function checksOf(scope: Scope): readonly Check[] {
  return CHECKS.filter(({ applies }) => applies?.(scope) ?? true);
}

/** Actions that could read more than the preflight needs, and what they are for. The others read no content. */
const RESOURCES: Readonly<Record<string, (scope: Scope) => readonly string[]>> = {
  'ssm:GetParameter': ({ config, template }) => [
    `arn:${partition(config)}:ssm:${config.region}:*:parameter${template.Parameters?.['BootstrapVersion'].Default}`,
  ],
  's3:GetObject': ({ config }) => bundles(config),
  's3:ListBucket': ({ config }) => bundles(config).map((object) => object.replace(/\/.*/, '')),
};

const partition = ({ region }: Scope['config']) => RegionInfo.get(region).partition ?? 'aws';

function bundles(config: Scope['config']): string[] {
  const { mutualTls } = config.edge;
  const urls = mutualTls ? [mutualTls.caBundle, ...mutualTls.revocationLists] : [];
  return urls.map((url) => url.replace('s3://', `arn:${partition(config)}:s3:::`));
}

/** The IAM policy that suffices for the checks of a stage: the actions of their calls, and no other. */
export function policyOf(scope: Scope) {
  const all = checksOf(scope).flatMap(({ calls }) => calls.flatMap(({ actions }) => actions));
  const actions = [...new Set(all)].sort();
  const limited = actions.flatMap((action) => {
    const resources = RESOURCES[action]?.(scope);
    return resources ? [{ Effect: 'Allow', Action: action, Resource: [...new Set(resources)] }] : [];
  });
  const others = actions.filter((action) => RESOURCES[action] === undefined);
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: others, Resource: '*' }, ...limited],
  };
}
