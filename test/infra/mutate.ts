import { expect } from '@jest/globals';
import type { Mutant } from './mutants.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template has no types
type Json = any;

/** One step of a path: a key, an index, or `[Name=value]` for the item of a list that has it. */
function step(value: Json, key: string): { at: Json; key: string | number } {
  const [, field = '', wanted] = /^\[(\w+)=(.+)\]$/.exec(key) ?? [];
  if (wanted === undefined) return { at: value, key };
  const index = (value as Json[]).findIndex((item) => item[field] === wanted);
  if (index < 0) throw new Error(`nothing there is named ${wanted}`);
  return { at: value, key: index };
}

/** Paths are divided at dots outside brackets, but for keys that hold dots themselves. */
function keysOf(path: string): string[] {
  return path.match(/\[[^\]]*\]|kms:[\w:]+|[^.]+/g) ?? [];
}

/** The template with one control weakened. All of it but the weakened resource is shared with the original. */
export function mutate(json: Json, { type, like, path, value }: Mutant): Json {
  const found = Object.entries<Json>(json.Resources).find(
    ([, resource]) => resource.Type === type && (!like || JSON.stringify(resource).includes(like)),
  );
  if (found === undefined) throw new Error(`no ${type} with ${like}`);
  const [logicalId, original] = found;
  const holder: Json = { [logicalId]: structuredClone(original) };
  const keys = [logicalId, ...keysOf(path)];
  const last = keys.pop() ?? '';
  let at = holder;
  for (const key of keys) {
    const next = step(at, key);
    at = next.at[next.key];
  }
  const target = step(at, last);
  if (value !== undefined) target.at[target.key] = value;
  else if (Array.isArray(target.at)) target.at.splice(Number(target.key), 1);
  else delete target.at[target.key];
  expect(JSON.stringify(holder[logicalId])).not.toBe(JSON.stringify(original));
  const { [logicalId]: _weakened, ...others } = json.Resources;
  const Resources = logicalId in holder ? { ...json.Resources, ...holder } : others;
  return { ...json, Resources };
}

/** A description of a mutant. */
export function nameOf({ rule, type, path, value, like }: Mutant): string {
  return `by ${rule}: ${[type, like, path].filter(Boolean).join(' ')} → ${JSON.stringify(value)?.slice(0, 80) ?? 'gone'}`;
}
