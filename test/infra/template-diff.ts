/** How one template differs from another, by path: keys that are added or removed, values that are changed. */
export interface TemplateDiff {
  readonly added: Readonly<Record<string, unknown>>;
  readonly removed: readonly string[];
  readonly changed: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
}

/**
 * The difference from one JSON value to another, key by key. Lists of the same length are compared item by item; of
 * other lists it gives the items between the common beginning and the common end: `path/2…` begins at the third.
 */
export function templateDiff(from: unknown, to: unknown): TemplateDiff {
  const added: Record<string, unknown> = {};
  const removed: string[] = [];
  const changed: Record<string, { from: unknown; to: unknown }> = {};

  function compare(path: string, before: unknown, after: unknown): void {
    if (isSame(before, after)) return;
    if (Array.isArray(before) && Array.isArray(after) && before.length !== after.length) {
      const { start, ...items } = unequalItems(before, after);
      changed[`${path}/${start}…`] = items;
    } else if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) {
      changed[path] = { from: before, to: after };
    } else {
      for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
        const inner = path === '' ? key : `${path}/${key}`;
        if (!Object.hasOwn(after, key)) removed.push(inner);
        else if (Object.hasOwn(before, key)) compare(inner, before[key], after[key]);
        else added[inner] = after[key];
      }
    }
  }
  compare('', from, to);
  return { added, removed: removed.sort(), changed };
}

function unequalItems(before: readonly unknown[], after: readonly unknown[]) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && isSame(before[start], after[start])) start += 1;
  let end = 0;
  while (end < shorter - start && isSame(before.at(-1 - end), after.at(-1 - end))) end += 1;
  return {
    start,
    from: before.slice(start, before.length - end),
    to: after.slice(start, after.length - end),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
