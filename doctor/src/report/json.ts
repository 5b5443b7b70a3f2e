import type { Report } from '../examine.ts';
import { exitCodeOf } from './exit-code.ts';

/** The whole report. `version` increases with every incompatible change. */
export function jsonOf(report: Report): string {
  return `${JSON.stringify({ version: 1, exitCode: exitCodeOf(report.findings), ...report }, null, 2)}\n`;
}
