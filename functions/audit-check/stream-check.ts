import type { KeyObject } from 'node:crypto';
import { createChainCheck } from '../../service/logging/audit-chain.ts';

/** The first thing that is wrong with a stream; nothing of its records' content. */
export interface Breakage {
  /** Number of the record; absent where the line does not say one. */
  readonly seq?: number;
  readonly problem: string;
}

/**
 * Checks the records of one task, in whatever order they come: their numbers are signed, so it is theirs that counts,
 * and not the time of the log, which many records share.
 */
export function checkStream(lines: readonly string[], key: KeyObject): Breakage | undefined {
  const check = createChainCheck({ key, begun: beginsEarlier(lines) ? 1 : 0 });
  for (const { text, seq } of inOrder(lines.map((text) => ({ text })))) {
    const problem = check.add(text);
    if (problem !== undefined) return { ...(seq !== undefined && { seq }), problem };
  }
  return undefined;
}

/** Lines in the order of their numbers, those without one first. */
export function inOrder<T extends { readonly text: string }>(lines: readonly T[]) {
  const numbered = lines.map((line) => ({ ...line, seq: numberOf(line.text) }));
  return numbered.sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
}

/** Whether a task's records go back beyond these. */
export function beginsEarlier(lines: readonly string[]): boolean {
  return !lines.some((line) => numberOf(line) === 1);
}

function numberOf(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line) as { seq?: unknown };
    return Number.isSafeInteger(seq) ? (seq as number) : undefined;
  } catch {
    // Masked or cut, which the check tells; the parser's message would quote it.
    return undefined;
  }
}
