import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';

/** Compiles a C source of this folder to a static program. @throws when there is no compiler, with how to get one */
export function compile(source: string, folder: string): string {
  try {
    execFileSync('gcc', ['--version']);
  } catch {
    throw new Error('attacks from inside need gcc on Linux; on Debian: apt-get install gcc libc6-dev');
  }
  const program = join(folder, basename(source, '.c'));
  const path = new URL(source, import.meta.url).pathname;
  execFileSync('gcc', ['-static', '-O1', '-Wall', '-Wextra', '-Werror', '-o', program, path]);
  return program;
}
