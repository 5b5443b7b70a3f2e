import { createHash } from 'node:crypto';
import type { CleanText } from './clean-text.ts';
import type { Definitions } from './definitions.ts';
import { TargetError } from './target-error.ts';

/** The definitions of a server as hashes. A later run shows what changed. */
export interface Pin {
  readonly version: 1;
  /** SHA-256 of each definition by its kind and name, for example `tool add`. */
  readonly definitions: Readonly<Record<string, string>>;
}

type Listed = Definitions & { readonly instructions: readonly string[] };

/** Resources are data, which may change at any time. Tools, prompts and instructions are what a user has approved. */
export function pinOf({ tools, prompts, instructions }: Listed, clean: CleanText): Pin {
  const entries = [
    ...tools.map((tool) => [`tool ${tool.name}`, tool] as const),
    ...prompts.map((prompt) => [`prompt ${String(prompt['name'])}`, prompt] as const),
    ...instructions.map((text, index) => [`instructions ${index + 1}`, text] as const),
  ];
  const definitions = new Map<string, string[]>();
  for (const [listed, value] of entries) {
    // The names are printed, and the server chose them.
    const name = clean(listed, 150);
    const hash = createHash('sha256')
      .update(JSON.stringify(sorted(value)))
      .digest('hex');
    definitions.set(name, [...(definitions.get(name) ?? []), hash]);
  }
  // Two definitions of one name, for example of two eras.
  const joined = [...definitions].map(([name, hashes]) => [name, hashes.sort().join(' ')] as const);
  return { version: 1, definitions: Object.fromEntries(joined.sort(([a], [b]) => (a < b ? -1 : 1))) };
}

export interface Drift {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export function driftOf({ definitions: before }: Pin, { definitions: now }: Pin): Drift {
  const has = (all: Pin['definitions'], name: string) => Object.hasOwn(all, name);
  const names = Object.keys(now);
  return {
    changed: names.filter((name) => has(before, name) && before[name] !== now[name]),
    added: names.filter((name) => !has(before, name)),
    removed: Object.keys(before).filter((name) => !has(now, name)),
  };
}

/** For example `changed: tool add; added: tool sub`. Empty if nothing differs. */
export function describeDrift(drift: Drift): string {
  return Object.entries(drift)
    .filter(([, names]) => names.length > 0)
    .map(([how, names]) => `${how}: ${(names as readonly string[]).join(', ')}`)
    .join('; ');
}

/** @throws TargetError if the text is no pin */
export function parsePin(text: string, file: string): Pin {
  try {
    const pin = JSON.parse(text) as Pin;
    const isPin = pin.version === 1 && typeof pin.definitions === 'object' && pin.definitions !== null;
    if (isPin && Object.values(pin.definitions).every((hash) => typeof hash === 'string')) return pin;
  } catch {
    // Reported below.
  }
  throw new TargetError('usage', `${file} is no file that --pin wrote`);
}

/** The same value with the members of each object in alphabetical order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
