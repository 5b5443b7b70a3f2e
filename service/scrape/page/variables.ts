/** Steps that `var()` may take for one element: characters it looks at, elements it asks, and eight for each. */
const MAX_STEPS = 8 * 1024;
/** How deep custom properties may stand for each other. Deeper ones, and circles, are as those that are not declared. */
const MAX_REFERENCES = 8;

/** Custom properties that hold at an element. */
export interface Variables {
  /** By name; undefined where one is declared and has no value. */
  readonly own: ReadonlyMap<string, string | undefined>;
  /** Those of the elements around it. */
  readonly outer: Variables | undefined;
}

/** What is left for one element; below zero after more was asked for. */
export interface Steps {
  left: number;
}

export function countSteps(): Steps {
  return { left: MAX_STEPS };
}

/**
 * A value with what each `var()` in it stands for (CSS Custom Properties Level 1, §3). Undefined where one stands for
 * nothing that is known, or took too many steps.
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
    // Inside one that was looked at already.
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

/** The custom properties that hold at an element. @param declared in its style, as they are written */
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
