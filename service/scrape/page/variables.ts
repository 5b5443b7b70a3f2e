/** Maximum steps of all `var()` of one element: one for each character and each ancestor, eight for each `var()`. */
const MAX_STEPS = 8 * 1024;
/** Maximum nesting of custom properties. Deeper ones, and circles, count as not declared. */
const MAX_REFERENCES = 8;

/** The custom properties in effect at an element. */
export interface Variables {
  /** By name; undefined for a property that is declared without a valid value. */
  readonly own: ReadonlyMap<string, string | undefined>;
  /** The custom properties of its ancestors. */
  readonly outer: Variables | undefined;
}

/** The remaining steps of one element; below zero when it has exceeded them. */
export interface Steps {
  left: number;
}

export function countSteps(): Steps {
  return { left: MAX_STEPS };
}

/**
 * A value with each `var()` replaced (CSS Custom Properties Level 1, §3). Undefined if a `var()` has no known value, or
 * took too many steps.
 */
export function expand(
  value: string,
  variables: Variables | undefined,
  steps: Steps,
  depth = 0,
): string | undefined {
  let expanded = '';
  let at = 0;
  for (const { index } of value.matchAll(/(?<![\w-])var\(/gi)) {
    // This `var()` is inside one that was already replaced.
    if (index < at) continue;
    const end = closing(value, index + 3);
    const [name, fallback] = parts(value.slice(index + 4, end));
    const known = lookUp(name, variables, steps) ?? fallback;
    steps.left -= 8 + (known?.length ?? 0);
    if (known === undefined || depth === MAX_REFERENCES || steps.left < 0) return undefined;
    const meant = expand(known, variables, steps, depth + 1);
    if (meant === undefined) return undefined;
    expanded += value.slice(at, index) + meant;
    at = end + 1;
  }
  return expanded + value.slice(at);
}

/** The custom properties in effect at an element. @param declared the declarations of its style, unchanged */
export function scopeOf(
  declared: ReadonlyMap<string, string>,
  outer: Variables | undefined,
  steps: Steps,
): Variables | undefined {
  if (declared.size === 0) return outer;
  const written = new Map<string, string | undefined>();
  for (const [name, value] of declared) {
    if (/^initial$/i.test(value)) written.set(name, undefined);
    else if (!/^(?:inherit|unset|revert|revert-layer)$/i.test(value)) written.set(name, value);
  }
  const own = new Map(written);
  for (const [name, value] of written) {
    own.set(name, value && expand(value, { own: written, outer }, steps));
  }
  return { own, outer };
}

function lookUp(name: string, variables: Variables | undefined, steps: Steps): string | undefined {
  for (let scope = variables; scope !== undefined; scope = scope.outer) {
    steps.left -= 1;
    if (scope.own.has(name)) return scope.own.get(name);
  }
  return undefined;
}

/** Index of the parenthesis that closes the one at an index, or the end. */
function closing(value: string, open: number): number {
  let depth = 0;
  for (let at = open; at < value.length; at += 1) {
    if (value[at] === '(') depth += 1;
    if (value[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return value.length;
}

function parts(inside: string): [name: string, fallback: string | undefined] {
  const comma = inside.indexOf(',');
  return comma === -1
    ? [inside.trim(), undefined]
    : [inside.slice(0, comma).trim(), inside.slice(comma + 1).trim()];
}
