import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** This program, as each report names it. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Commit of the source. `unknown` outside a clone of the repository. */
  readonly commit: string;
}

/** Set when the bundle is built. */
declare const DOCTOR_VERSION: string;
declare const DOCTOR_COMMIT: string;

export function readTool(): Tool {
  const name = 'hardened-mcp-doctor';
  return typeof DOCTOR_VERSION === 'string' && typeof DOCTOR_COMMIT === 'string'
    ? { name, version: DOCTOR_VERSION, commit: DOCTOR_COMMIT }
    : { name, ...readSource() };
}

function readSource(): Omit<Tool, 'name'> {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  try {
    const commit = execFileSync('git', ['rev-parse', 'HEAD'], {
      ...{ cwd: import.meta.dirname, encoding: 'utf8' as const },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { version, commit: commit.trim() };
  } catch {
    return { version, commit: 'unknown' };
  }
}
