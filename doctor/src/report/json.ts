import type { Report } from '../examine.ts';
import { exitCodeOf } from './exit-code.ts';

/** The whole report, `version` first: it grows with every change that a reader must know of. */
export function jsonOf(report: Report): string {
  return `${JSON.stringify({ version: 1, exitCode: exitCodeOf(report.findings), ...report }, null, 2)}\n`;
}
