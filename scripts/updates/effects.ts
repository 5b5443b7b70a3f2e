import type { StageConfig } from '../../infra/stage-config.ts';
import { stages } from '../../test/infra/stages.ts';
import { CHANGES, type Change } from './changes.ts';
import { type Deployed, type Effect, effectOf } from './effect.ts';

/** Effects of the changes of each option, by its path. */
export type Effects = Readonly<Record<string, readonly Effect[]>>;

/**
 * Compares the stages before and after each change of changes.ts.
 *
 * @param stageOf synthesizes a configuration (deployed.ts)
 * @throws Error naming the option whose change no stage accepts
 */
export function effects(stageOf: (config: StageConfig) => Deployed): Effects {
  return Object.fromEntries(
    Object.entries(CHANGES).map(([path, change]) => [
      path,
      [change].flat().flatMap((one) => {
        try {
          return effectsOf(path, one, stageOf);
        } catch (error) {
          throw new Error(`the change of ${path} in scripts/updates/changes.ts fails: ${String(error)}`);
        }
      }),
    ]),
  );
}

function effectsOf(path: string, change: Change, stageOf: (config: StageConfig) => Deployed): Effect[] {
  const { stage = stages.prod, to, together = {} } = change;
  const changed = Object.entries({ [path]: to, ...together }).reduce<unknown>(
    (config, [option, value]) => withOption(config, option.replaceAll('[]', '.0').split('.'), value),
    stage,
  );
  const before = stageOf(stage);
  const after = stageOf(changed as StageConfig);
  const there = effectOf(before, after);
  // Other changes do the same in both directions.
  const sameResources = there.added.length === 0 && there.removed.length === 0;
  return sameResources ? [there] : [there, effectOf(after, before)];
}

/** A copy in which the value at the path is another, or is left out. `NAME` is the first member of a group. */
function withOption(config: unknown, [step, ...within]: readonly string[], value: unknown): unknown {
  if (step === undefined) return value;
  const name = step === 'NAME' ? (Object.keys(config as object)[0] ?? '') : step;
  const copy = (Array.isArray(config) ? [...config] : { ...(config as object) }) as Record<string, unknown>;
  const inner = withOption(copy[name], within, value);
  if (inner === undefined) delete copy[name];
  else copy[name] = inner;
  return copy;
}
