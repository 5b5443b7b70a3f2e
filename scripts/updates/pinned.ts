import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from '../../test/infra/combinations.ts';
import type { Deployed } from './effect.ts';
import { holdsData, identityOf, type Resources } from './identity.ts';

/** Resources whose logical ids must stay as long as a release has them. */
export interface Pinned {
  /** Types of those that hold data, by logical id. */
  readonly holdData: Readonly<Record<string, string>>;
  /** Type with name or place of those of which AWS allows one, by logical id. */
  readonly unique: Readonly<Record<string, string>>;
}

/** Those of a template. */
function pinnedOf(resources: Resources): Pinned {
  const all = Object.entries(resources).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    holdData: Object.fromEntries(all.flatMap(([id, { Type }]) => (holdsData(Type) ? [[id, Type]] : []))),
    unique: Object.fromEntries(
      all.flatMap(([id, resource]) => {
        const identity = identityOf(resource);
        return identity === undefined ? [] : [[id, identity]];
      }),
    ),
  };
}

/** Those of all combinations of options. */
export function pinned(stageOf: (config: StageConfig) => Deployed): Pinned {
  const stages = Object.values<StageConfig>(combinations).map(stageOf);
  return pinnedOf(Object.assign({}, ...stages.map(({ template }) => template.Resources)));
}
