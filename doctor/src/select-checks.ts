import type { Check } from './check.ts';
import { groupOf } from './groups.ts';
import { TargetError } from './target-error.ts';

/**
 * The checks that run.
 *
 * @param only IDs or groups. @default - all
 * @param skip IDs or groups. @default - none
 * @throws TargetError if an ID or a group does not exist, or no check is left
 */
export function selectChecks(
  all: readonly Check[],
  only: readonly string[] = [],
  skip: readonly string[] = [],
): readonly Check[] {
  const names = new Set(all.flatMap((check) => [check.id, groupOf(check)]));
  const unknown = [...only, ...skip].find((name) => !names.has(name));
  if (unknown !== undefined) {
    throw new TargetError('usage', `no check and no group is named ${JSON.stringify(unknown)}`);
  }
  const isIn = (list: readonly string[], check: Check) =>
    list.includes(check.id) || list.includes(groupOf(check));
  const selected = all.filter((check) => (only.length === 0 || isIn(only, check)) && !isIn(skip, check));
  if (selected.length === 0) throw new TargetError('usage', '--only and --skip leave no check');
  return selected;
}
