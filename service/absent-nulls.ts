import type { Json } from './json-field.ts';

/** Returns a copy without the nulls that mean "left out", or the value itself if there are none. */
export type DropNulls = (value: unknown) => unknown;

/**
 * Many clients send null for an argument that they leave out. A null member is dropped if the schema neither requires
 * the member nor allows null; allowed nulls stay. Made once per tool, from the JSON Schema that `tools/list` returns,
 * so both always agree.
 */
export function dropNullsBy(schema: Json): DropNulls {
  const droppers = new Map<Json, DropNulls>();

  /** The schema that a reference names; an empty schema if the reference leaves this document. */
  function resolve(part: unknown): Json {
    const { $ref } = recordOf(part);
    if (typeof $ref !== 'string') return recordOf(part);
    const keys = $ref.split('/').slice(1);
    return recordOf(keys.reduce<unknown>((at, key) => recordOf(at)[key], schema));
  }

  function takesNull(part: unknown): boolean {
    const { type, anyOf, oneOf, enum: values, const: only } = resolve(part);
    const kinds = [type].flat();
    if (type !== undefined) return kinds.includes('null');
    if (Array.isArray(values)) return values.includes(null);
    if (only !== undefined) return only === null;
    const some = [anyOf, oneOf].flatMap((each) => (Array.isArray(each) ? each : []));
    return some.length === 0 || some.some(takesNull);
  }

  function dropperOf(part: unknown): DropNulls {
    const resolved = resolve(part);
    // A schema may contain itself, so the dropper is made when the first value reaches it.
    const known = droppers.get(resolved);
    if (known !== undefined) return known;
    let made: DropNulls | undefined;
    const dropper: DropNulls = (value) => {
      if (typeof value !== 'object' || value === null) return value;
      made ??= make(resolved);
      return made(value);
    };
    droppers.set(resolved, dropper);
    return dropper;
  }

  function make({ properties, required, additionalProperties, items, anyOf, oneOf, allOf }: Json): DropNulls {
    const needed = new Set(Array.isArray(required) ? required : []);
    const members = new Map(
      Object.entries(recordOf(properties)).map(([name, part]) => [
        name,
        { drop: dropperOf(part), absent: !needed.has(name) && !takesNull(part) },
      ]),
    );
    const others = { drop: dropperOf(additionalProperties), absent: false };
    const each = dropperOf(items);
    // The matching alternative is not known here; one that does not match the value drops nothing.
    const further = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? list : [])).map(dropperOf);
    return (value) => {
      const kept = Array.isArray(value)
        ? mapItems(value, each)
        : mapMembers(value as Json, (name) => members.get(name) ?? others);
      return further.reduce((at, drop) => drop(at), kept);
    };
  }

  return dropperOf(schema);
}

function mapItems(list: readonly unknown[], drop: DropNulls): unknown {
  const kept = list.map(drop);
  return kept.every((item, index) => item === list[index]) ? list : kept;
}

/** The object without members that are null and may be absent; the same object if nothing changes. */
export function mapMembers(
  value: Json,
  rule: (name: string) => { readonly drop: DropNulls; readonly absent: boolean },
): Json {
  let changed = false;
  const kept: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    const { drop, absent } = rule(name);
    const inner = drop(member);
    if (inner !== member || (member === null && absent)) changed = true;
    if (!(member === null && absent)) kept.push([name, inner]);
  }
  // Not by assignment: a member may be named __proto__.
  return changed ? Object.fromEntries(kept) : value;
}

function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
