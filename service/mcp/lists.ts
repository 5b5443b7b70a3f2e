import { LRUCache } from 'lru-cache';

/**
 * Lists to cache; the least recently used is evicted. A client chooses the scopes that it asks its issuer for, so it could
 * have one made for every set of tools.
 */
const MAX_LISTS = 50;

/** The entries that a set of scopes may use, in the order in which they are served. */
export type Lists<Entry> = (granted?: ReadonlySet<string>) => readonly Entry[];

/**
 * A client does not see what it may not use; if it uses it anyway, the refusal names the missing scope. A list is made
 * once per set of visible entries, and is the same object as long as it is cached.
 *
 * @param isDenied whether an entry is hidden from every client now. @default - none is
 */
export function createLists<Entry>(
  items: readonly { readonly entry: Entry; readonly scopes: readonly string[] }[],
  isDenied: (entry: Entry) => boolean = () => false,
): Lists<Entry> {
  const lists = new LRUCache<string, readonly Entry[]>({ max: MAX_LISTS });
  return (granted = new Set()) => {
    const visible = items.map(
      ({ entry, scopes }) => scopes.every((scope) => granted.has(scope)) && !isDenied(entry),
    );
    const key = visible.map(Number).join('');
    let list = lists.get(key);
    if (list === undefined) {
      list = items.filter((_item, index) => visible[index]).map(({ entry }) => entry);
      lists.set(key, list);
    }
    return list;
  };
}
