import type { KeyObject } from 'node:crypto';
import { createChainCheck } from '../../service/logging/audit-chain.ts';

/** The first problem of a stream, without the content of its records. */
export interface Breakage {
  /** Sequence number of the record; absent if the line has none. */
  readonly seq?: number;
  readonly problem: string;
}

/**
 * Checks the records of one task, in any order: their sequence numbers are signed and define the order. The log's
 * timestamps do not, because many records share one.
 */
export function checkStream(lines: readonly string[], key: KeyObject): Breakage | undefined {
  const check = createChainCheck({ key, begun: beginsEarlier(lines) ? 1 : 0 });
  for (const { text, seq } of inOrder(lines.map((text) => ({ text })))) {
    const problem = check.add(text);
    if (problem !== undefined) return { ...(seq !== undefined && { seq }), problem };
  }
  return undefined;
}

/** Lines by sequence number, those without one first. */
export function inOrder<T extends { readonly text: string }>(lines: readonly T[]) {
  const numbered = lines.map((line) => ({ ...line, seq: numberOf(line.text) }));
  return numbered.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
}

/** Whether the task has records before these. */
export function beginsEarlier(lines: readonly string[]): boolean {
  return !lines.some((line) => numberOf(line) === 1);
}

function numberOf(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line) as { seq?: unknown };
    return Number.isSafeInteger(seq) ? (seq as number) : undefined;
  } catch {
    // Masked or truncated; the check reports it. The parser's message would quote the line.
    return undefined;
  }
}
