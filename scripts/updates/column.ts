import type { OptionDoc } from '../docs/option-docs.ts';
import type { Effect } from './effect.ts';
import type { Effects } from './effects.ts';

/** Types named in a cell, at most. */
const NAMED = 3;

/**
 * The column of docs/configuration.md that says what changing each option does to a running stage, by path.
 *
 * @throws Error with a line for each option that has no change in scripts/updates/changes.ts, whose change is refused or
 *   loses data without a statement in the option's schema, or whose statement no change bears out
 */
export function updateColumn(options: readonly OptionDoc[], effects: Effects): ReadonlyMap<string, string> {
  const changeable = options.filter(({ schema }) => !schema.properties || schema.absent !== undefined);
  const problems = [
    ...changeable.flatMap((option) => problemsOf(option, effects[option.path] ?? [])),
    ...Object.keys(effects)
      .filter((path) => !changeable.some((option) => option.path === path))
      .map((path) => `${path} in scripts/updates/changes.ts is no option: remove it`),
  ];
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return new Map(changeable.map(({ path, schema }) => [path, cell(effects[path] ?? [], schema.update)]));
}

function problemsOf({ path, schema }: OptionDoc, effects: readonly Effect[]): string[] {
  if (effects.length === 0) return [`${path} has no change: add one to scripts/updates/changes.ts`];
  const hazards = effects.flatMap(({ refused, lost }) => [...refused, ...lost]);
  if (hazards.length > 0 && schema.update === undefined) {
    return [
      `${path} cannot change freely, and must say so with .meta({ update: '…' }) in its schema, unless the construct can avoid it:`,
      ...[...new Set(hazards)].map((hazard) => `  ${hazard}`),
    ];
  }
  if (hazards.length === 0 && schema.update !== undefined) {
    return [
      `${path} has a statement in .meta({ update }), but its changes are safe: remove it, or add the unsafe change`,
    ];
  }
  return [];
}

function cell(effects: readonly Effect[], statement: string | undefined): string {
  const all = (list: 'replaced' | 'added' | 'removed') => new Set(effects.flatMap((effect) => effect[list]));
  // A resource with another id is removed and added in one update.
  const exchanged = effects.flatMap(({ added, removed }) => added.filter((type) => removed.includes(type)));
  const replaced = new Set([...all('replaced'), ...exchanged]);
  const others = new Set([...all('added'), ...all('removed')].filter((type) => !replaced.has(type)));
  const parts = effects.some(({ refused }) => refused.length > 0)
    ? ['**not in a running stage**']
    : [
        ...(effects.some(({ newTasks }) => newTasks) ? ['new tasks'] : []),
        ...(replaced.size > 0 ? [`replaces ${named(replaced)}`] : []),
        ...(others.size > 0 ? [`adds or removes ${named(others)}`] : []),
      ];
  const text = parts.length > 0 ? parts.join('; ') : 'in place';
  return statement === undefined ? text : `${text}: ${statement}`;
}

function named(types: ReadonlySet<string>): string {
  const sorted = [...types].sort();
  const first = sorted.slice(0, sorted.length > NAMED + 1 ? NAMED : undefined).map((type) => `\`${type}\``);
  const more = sorted.length - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${more} more types` : ''}`;
}
