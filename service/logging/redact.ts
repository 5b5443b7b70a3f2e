import { startOf } from '../well-formed.ts';
import { isCredentialName } from './credential-names.ts';
import { jsonLine } from './json-line.ts';
import { plainName } from './plain-view.ts';
import { MAX_SEARCHED, REDACTED, redactText } from './redact-text.ts';

const MAX_DEPTH = 6;
const MAX_ITEMS = 32;
const MAX_STRING = 256;
/** Total text of one value that is searched, in characters; a record needs no longer values. */
const MAX_SEARCHED_IN_ALL = 16 * 1024;
/** Characters before a cut that are dropped: they may be half a token, too short to be recognized. */
const UNSURE = 64;

/**
 * A copy for a log: values of keys that look like credentials, and values that look like tokens, are replaced at any
 * depth. The copy is bounded in depth, items per collection, string length, and `maxBytes` of JSON (above it only the
 * size is kept).
 */
export function redact(value: unknown, maxBytes: number): unknown {
  const safe = redactAt(value, 0, { left: MAX_SEARCHED_IN_ALL });
  const bytes = Buffer.byteLength(jsonLine(safe) ?? '');
  return bytes <= maxBytes ? safe : { truncated: true, bytes };
}
function redactAt(value: unknown, depth: number, budget: { left: number }): unknown {
  if (typeof value === 'string') return shorten(value, budget);
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value !== 'object') return String(typeof value);
  if (depth >= MAX_DEPTH) return '[TOO DEEP]';
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redactAt(item, depth + 1, budget));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} MORE]`] : items;
  }
  const entries = Object.entries(value);
  const safe = entries.slice(0, MAX_ITEMS).map(([key, item]) => {
    const secret = isCredentialName(plainName(key));
    return [shorten(key, budget), secret ? REDACTED : redactAt(item, depth + 1, budget)] as const;
  });
  if (entries.length > MAX_ITEMS) safe.push(['…', `[${entries.length - MAX_ITEMS} MORE]`]);
  return Object.fromEntries(safe);
}

function shorten(text: string, budget: { left: number }): string {
  const searched = Math.min(text.length, MAX_SEARCHED, budget.left);
  budget.left -= searched;
  const safe = redactText(text.slice(0, searched));
  if (safe.length <= MAX_STRING && searched === text.length) return safe;
  const sure = searched === text.length ? safe.length : safe.length - UNSURE;
  return `${startOf(safe, Math.max(0, Math.min(MAX_STRING, sure)))}…(${text.length} characters)`;
}
