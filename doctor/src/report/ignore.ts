import type { Finding } from '../check.ts';
import type { Report } from '../examine.ts';
import { TargetError } from '../target-error.ts';

/** A failure that the team accepts until a day. */
export interface Ignored {
  /** ID of the check. */
  readonly check: string;
  readonly reason: string;
  /** The last day, as YYYY-MM-DD in UTC. */
  readonly expires: string;
}

/** Shortest reason, in characters: a word alone explains nothing. */
const MIN_REASON = 10;
const MAX_REASON = 500;

/** @throws TargetError if the text is no list of accepted failures */
export function parseIgnored(text: string, file: string): readonly Ignored[] {
  const wrong = (why: string) => new TargetError('usage', `${file}: ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong('it is not valid JSON');
  }
  const { ignore } = (value ?? {}) as { ignore?: unknown };
  if (!Array.isArray(ignore))
    throw wrong('it must be {"ignore": [{"check": …, "reason": …, "expires": "YYYY-MM-DD"}]}');
  return ignore.map((entry: unknown, index) => {
    const { check, reason, expires, ...more } = (entry ?? {}) as Record<string, unknown>;
    const at = `entry ${index + 1}`;
    const [strange] = Object.keys(more);
    if (strange !== undefined) throw wrong(`${at} has the unknown member ${JSON.stringify(strange)}`);
    if (typeof check !== 'string' || check === '') throw wrong(`${at} has no check`);
    const length = typeof reason === 'string' ? reason.trim().length : 0;
    if (length < MIN_REASON || length > MAX_REASON)
      throw wrong(
        `the reason of ${check} must have ${MIN_REASON} to ${MAX_REASON} characters, got ${length}`,
      );
    if (typeof expires !== 'string' || !isDay(expires))
      throw wrong(`expires of ${check} must be a day as YYYY-MM-DD, got ${JSON.stringify(expires)}`);
    return { check, reason: (reason as string).trim(), expires };
  });
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === text;
}

/** Marks the accepted failures, and notes the entries that have no effect. `ids` are the IDs of all checks. */
export function ignoreIn(report: Report, entries: readonly Ignored[], ids: readonly string[]): Report {
  const today = report.startedAt.slice(0, 10);
  const valid = entries.filter(({ check, expires }) => ids.includes(check) && expires >= today);
  const isOpen = ({ outcome }: Finding) => outcome === 'fail' || outcome === 'inconclusive';
  const findings = report.findings.map((finding) => {
    const entry = isOpen(finding) ? valid.find(({ check }) => check === finding.id) : undefined;
    return entry === undefined
      ? finding
      : { ...finding, ignored: { reason: entry.reason, expires: entry.expires } };
  });
  const used = new Set(findings.flatMap(({ id, ignored }) => (ignored === undefined ? [] : [id])));
  const notes = entries.flatMap(({ check, expires }) => {
    if (!ids.includes(check)) return [`The ignore file names ${JSON.stringify(check)}, which is no check.`];
    if (expires < today) return [`The ignore file has expired for ${check} on ${expires}.`];
    return used.has(check) ? [] : [`The ignore file names ${check}, which did not fail.`];
  });
  return { ...report, findings, notes: [...report.notes, ...notes] };
}
