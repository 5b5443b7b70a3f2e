import { MASKS } from '../environment/bounds.ts';
import { jsonLine } from './json-line.ts';
import { REDACTED } from './redact-text.ts';

const ANY = new RegExp(Object.values(MASKS).join('|'));
const EVERY = new RegExp(ANY, 'g');

/** Whether the log group would mask something in a line. */
export function isMasked(line: string): boolean {
  return ANY.test(line);
}

/**
 * The value without anything that the log group would mask once it is in a line. Redaction has replaced nearly all of it;
 * what is left are fields that are not redacted, and texts that look like a credential only as JSON, such as
 * `\bearer` for a backspace and `earer`. These become `[REDACTED]` as a whole.
 */
export function withoutMasked(value: unknown): unknown {
  if (typeof value === 'string') return isMasked(jsonLine(value)) ? replaced(value) : value;
  if (Array.isArray(value)) return value.map(withoutMasked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [withoutMasked(name), withoutMasked(item)]),
  );
}

function replaced(text: string): string {
  const rest = text.replace(EVERY, REDACTED);
  return isMasked(jsonLine(rest)) ? REDACTED : rest;
}
