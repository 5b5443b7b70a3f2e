import { spawn } from 'node:child_process';

/** Maximum characters of output to keep, from its beginning; the rest is dropped. */
const MOST_OUTPUT = 4 * 1024 * 1024;

export interface Ended {
  /** Standard output and error, in order of arrival. */
  readonly output: string;
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly timedOut: boolean;
}

export interface Started {
  readonly pid: number | undefined;
  /** The output so far. */
  output(): string;
  /** Resolves when it ends by itself. */
  readonly end: Promise<number | string>;
  /** Kills it and all its children at once. */
  kill(): void;
}

/** Starts a program in its own process group. Its environment contains only `variables`. */
export function start(
  [program = '', ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
  cwd: string,
): Started {
  const child = spawn(program, args, {
    cwd,
    env: variables,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MOST_OUTPUT) output += text;
    });
  }
  const end = new Promise<number | string>((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      resolve('not started');
    });
    child.on('exit', (code, signal) => setTimeout(resolve, 50, code ?? signal ?? 'unknown'));
  });
  return {
    pid: child.pid,
    output: () => output,
    end,
    kill() {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        // The whole group has ended.
      }
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    },
  };
}

/** Runs a program to its end, or kills it and its children after `ms` milliseconds. */
export async function run(
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
  cwd: string,
  ms: number,
): Promise<Ended> {
  const started = start(command, variables, cwd);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  const code = await Promise.race([started.end, late]);
  clearTimeout(timer);
  started.kill();
  return { output: started.output(), code: code ?? 'SIGKILL', timedOut: code === undefined };
}
