import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { isRecord } from '../json-field.ts';
import { jsonLine } from './json-line.ts';
import { redact } from './redact.ts';

/**
 * How the audit record has an argument. `full`: the value, redacted and bounded. `hashed`: an HMAC-SHA-256 with a key
 * that is derived from the audit key, so that equal values can be compared, and short values cannot be guessed without the
 * key. `none`: nothing.
 */
export type Recording = 'full' | 'hashed' | 'none';

/** How the arguments of one tool are recorded. */
export interface RecordingRule {
  /** The rule of each argument in the tool's schema. */
  readonly byName: ReadonlyMap<string, Recording>;
  /** The strictest rule of the tool: for arguments that are not in its schema, and for arguments that are no object. */
  readonly others: Recording;
}

/** The rule of a tool, by the name that a client gave; undefined records everything. */
export type RuleOf = (tool: string | undefined) => RecordingRule | undefined;

const STRICTNESS: readonly Recording[] = ['full', 'hashed', 'none'];
/** Deepest level of a value that is hashed; the protocol stage refuses a message that is deeper. */
const MAX_DEPTH = 64;
/** Hexadecimal digits of a hash in a record: 128 bits, so that no two values have the same (RFC 2104 §5). */
const DIGITS = 32;
/** Least bytes for the arguments that are shown. */
const LEAST_BYTES = 64;

/**
 * The rule of a tool.
 *
 * @param record `needs.record` of the tool
 * @param names the arguments in its schema
 */
export function ruleOf(
  record: Recording | Readonly<Record<string, Recording>> = 'full',
  names: readonly string[] = [],
): RecordingRule {
  if (typeof record === 'string') {
    return { byName: new Map(names.map((name) => [name, record])), others: record };
  }
  const { '*': rest = 'full', ...named } = record;
  const all = [...names, ...Object.keys(named)];
  const byName = new Map(
    all.map((name) => [name, Object.hasOwn(named, name) ? (named[name] ?? rest) : rest]),
  );
  return { byName, others: strictest([...byName.values(), rest]) };
}

/** Whether a rule leaves out any argument. */
export function isRestricted(rule: RecordingRule | undefined): boolean {
  return rule !== undefined && rule.others !== 'full';
}

/**
 * The rules of several tools. A call of an unknown tool may be a misspelled call of one of them, so its arguments follow
 * the strictest rule of all.
 */
export function createRules(rules: ReadonlyMap<string, RecordingRule>): RuleOf {
  const others = strictest([...rules.values()].map((rule) => rule.others));
  const unknown: RecordingRule = { byName: new Map(), others };
  return (tool) => (tool === undefined ? unknown : (rules.get(tool) ?? unknown));
}

/** The key of argument hashes: not the chain's, or a client could have a record of its own making hashed. */
export function argumentKeyOf(auditKey: KeyObject): KeyObject {
  return createSecretKey(createHmac('sha256', auditKey).update('hardened-mcp argument').digest());
}

/**
 * The arguments as the record has them.
 *
 * @param key see `argumentKeyOf`
 * @param maxBytes of their JSON; above it only the size is kept
 */
export function recordedArguments(
  value: unknown,
  rule: RecordingRule | undefined,
  key: KeyObject,
  maxBytes: number,
): unknown {
  if (value === undefined) return undefined;
  if (rule === undefined || rule.others === 'full') return redact(value, maxBytes);
  const hash = (text: unknown) => `hmac-sha256:${hashOf(text, key)}`;
  if (!isRecord(value)) return rule.others === 'hashed' ? hash(value) : undefined;
  const shown: Record<string, unknown> = {};
  const hashed: Record<string, string> = {};
  const unknown: Record<string, unknown> = {};
  for (const [name, argument] of Object.entries(value)) {
    const recording = rule.byName.get(name);
    if (recording === 'full') shown[name] = argument;
    else if (recording === 'hashed') hashed[name] = hash(argument);
    else if (recording === undefined) unknown[name] = argument;
  }
  // Their names may be as confidential as their values.
  if (rule.others === 'hashed' && Object.keys(unknown).length > 0) hashed['…'] = hash(unknown);
  const bytes = Buffer.byteLength(jsonLine(hashed));
  if (bytes > maxBytes - LEAST_BYTES) return { truncated: true, bytes };
  return { ...(redact(shown, maxBytes - bytes) as object), ...hashed };
}

function hashOf(value: unknown, key: KeyObject): string {
  const text = JSON.stringify(sorted(value, 0));
  return createHmac('sha256', key).update(text).digest('hex').slice(0, DIGITS);
}

/** Equal values must have equal texts. */
function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[TOO DEEP]';
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item, depth + 1)]));
}

function strictest(all: readonly Recording[]): Recording {
  return STRICTNESS[Math.max(0, ...all.map((each) => STRICTNESS.indexOf(each)))] ?? 'none';
}
