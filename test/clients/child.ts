import { spawn } from 'node:child_process';

/** Characters kept of what a program prints, from its beginning; the rest is counted by no one. */
const MOST_OUTPUT = 4 * 1024 * 1024;

export interface Ended {
  /** Standard output and error, as they came. */
  readonly output: string;
  /** Exit code, or the signal that ended it. */
  readonly code: number | string;
  readonly timedOut: boolean;
}

export interface Started {
  /** What it has printed until now. */
  output(): string;
  /** Resolves when it has ended by itself. */
  readonly end: Promise<number | string>;
  /** Ends it and all that it started, at once. */
  kill(): void;
}

/** Starts a program in a process group of its own. It gets `variables` and nothing else of an environment. */
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

/** Runs a program to its end, or kills it and what it started after `ms` milliseconds. */
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
