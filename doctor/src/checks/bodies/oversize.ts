import type { Era } from '../../era.ts';
import { baseOf } from '../../probe.ts';

const MIB = 1024 * 1024;

/** The unaltered request with white space, which is valid in JSON, so only the size is wrong. */
export function oversized(era: Era, mebibytes: number): string {
  const text = JSON.stringify(baseOf(era).body);
  return `${text.slice(0, -1)}${' '.repeat(mebibytes * MIB)}}`;
}

/** Twice the limit of the official SDKs. No real tool call is this large. */
export const OVERSIZE_MIB = 8;
