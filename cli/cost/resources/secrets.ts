import { isAccessList } from '../../../infra/rules/secrets.ts';
import type {
  FoundResource,
  Properties,
  SynthesizedTemplate,
} from '../../../infra/rules/synthesized-template.ts';
import { referencesIn } from '../../../infra/rules/synthesized-template.ts';
import { assume, CALLS, HOURS } from '../assumptions.ts';
import { type Billable, type Line, UnpricedError } from '../line.ts';
import { definitionOf, SERVICE, tasksOf } from './tasks.ts';

/** While calls arrive, each task reads its secrets again periodically, and each read calls KMS once. */
function secret(found: FoundResource, template: SynthesizedTemplate): Line[] {
  const readers = template
    .all(SERVICE)
    .filter((service) => referencesIn(definitionOf(service, template)).includes(found.logicalId))
    .reduce((sum, service) => sum + tasksOf(service, template), 0);
  // Read also without calls, so that a cut-off does not wait for one.
  if (isAccessList(found)) {
    const idle = (readers * HOURS * 3600) / assume('accessListSeconds');
    return [
      { price: 'secret', idle: 1 },
      { price: 'secretRequests', idle },
      { price: 'keyRequests', idle },
    ];
  }
  const reads = (readers * HOURS * 3600) / assume('secretSeconds');
  return [
    { price: 'secret', idle: 1 },
    { price: 'secretRequests', perMillion: reads },
    { price: 'keyRequests', perMillion: reads },
  ];
}

function key({ KeySpec = 'SYMMETRIC_DEFAULT', MultiRegion = false }: Properties): Line[] {
  if (KeySpec !== 'SYMMETRIC_DEFAULT' || MultiRegion)
    throw new UnpricedError('only symmetric keys of one region have a price here');
  return [{ price: 'key', idle: 1 }];
}

function cache({ Engine, CacheUsageLimits }: Properties): Line[] {
  if (Engine !== 'valkey') throw new UnpricedError(`only the engine valkey has a price here, got ${Engine}`);
  const { Minimum, Unit } = CacheUsageLimits?.DataStorage ?? {};
  if (Minimum !== undefined && Unit !== 'GB')
    throw new UnpricedError(`DataStorage in ${Unit} has no price here`);
  return [
    { price: 'cacheStorage', idle: HOURS * Math.max(0.1, Number(Minimum ?? 0)) },
    { price: 'cacheRequests', perMillion: assume('cacheUnits') * CALLS },
  ];
}

export const SECRETS: Readonly<Record<string, Billable>> = {
  'AWS::KMS::Key': {
    group: 'Keys and secrets',
    why: 'One for secrets, one for logs, one for alarms: access to one grants no access to the others',
    count: ({ properties }) => key(properties),
  },
  'AWS::SecretsManager::Secret': {
    group: 'Keys and secrets',
    why: 'The list of token hashes, the access list, the key of the audit chain, the token of each client, secrets of tools',
    count: secret,
  },
  'AWS::ElastiCache::ServerlessCache': {
    group: 'Shared limits',
    why: 'Limits counted for all tasks together',
    count: ({ properties }) => cache(properties),
  },
};
