import { referencesIn } from '../../infra/rules/synthesized-template.ts';
import type { Resource } from './templates.ts';

/** The resources that CloudFormation creates directly before each one: its references and dependencies. */
function directlyBefore(all: Readonly<Record<string, Resource>>): Map<string, string[]> {
  return new Map(
    Object.entries(all).map(([id, { DependsOn, ...resource }]) => {
      const named = [...referencesIn(resource), ...substituted(resource), ...[DependsOn ?? []].flat()];
      return [id, named.filter((to) => to !== id && to in all)];
    }),
  );
}

/** Logical ids in the placeholders of `Fn::Sub`. */
function substituted(resource: object): string[] {
  return [...JSON.stringify(resource).matchAll(/\$\{(\w+)(?:\.\w+)*\}/g)].map(([, id]) => id ?? '');
}

/**
 * Everything that CloudFormation makes before a resource and deletes after it, by logical id.
 *
 * @throws Error naming the cycle, if a resource comes before itself
 */
export function creationOrder(all: Readonly<Record<string, Resource>>): Map<string, ReadonlySet<string>> {
  const direct = directlyBefore(all);
  const known = new Map<string, ReadonlySet<string>>();
  const visit = (id: string, path: readonly string[]): ReadonlySet<string> => {
    if (path.includes(id)) throw new Error(`a cycle: ${[...path, id].join(' → ')}`);
    const found =
      known.get(id) ??
      new Set((direct.get(id) ?? []).flatMap((before) => [before, ...visit(before, [...path, id])]));
    known.set(id, found);
    return found;
  };
  for (const id of direct.keys()) visit(id, []);
  return known;
}
