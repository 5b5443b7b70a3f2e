import type { Pinned } from './pinned.ts';

/**
 * A sentence for each resource of a release that has another logical id now, or none. CloudFormation knows a resource by its
 * logical id: under another id it creates a new, empty one, and then deletes the old one or leaves it outside of the stack.
 * If the name is fixed, AWS refuses the new one.
 */
export function renames(released: Pinned, current: Pinned): string[] {
  const ids = new Map(Object.entries(current.unique).map(([id, identity]) => [identity, id]));
  const renamed = Object.entries(released.unique).flatMap(([id, identity]) => {
    const now = ids.get(identity);
    if (id in current.unique || now === undefined) return [];
    return [`${id} is ${now} now, and AWS refuses a second ${identity}`];
  });
  const gone = Object.entries(released.holdData).flatMap(([id, type]) =>
    current.holdData[id] === type
      ? []
      : [`${id} is no longer there as ${type}, and a running stage would lose it`],
  );
  return [...renamed, ...gone];
}
