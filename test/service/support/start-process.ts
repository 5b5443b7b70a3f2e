import { type ChildProcess, spawn } from 'node:child_process';
import { type LeakCheck, leaks as leaksOfThisFile } from './leaks.ts';

export interface RunningProcess {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves when standard error contains the text. @throws Error with all output if that takes too long */
  says(text: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Exit code, or the signal that ended it. */
  exited(timeoutMs?: number): Promise<number | string>;
}

/** The start message of `npm start`, which is the only text that may contain the token. */
const ANNOUNCEMENT =
  /^MCP server .*\nTokens? .*\n(?:May scrape .*\n)?Audit log .*\nStop .*\n\nClient configuration:\n\{\n(?:[ }].*\n)+/m;
const ENDING_MS = 5_000;

export interface StartOptions {
  /** A file that receives standard output. @default - a pipe that `stdout()` reads */
  readonly stdoutFd?: number | undefined;
  /** @default - that of the test file */
  readonly leaks?: LeakCheck;
  /** Whether the program leads a process group, as in a terminal. @default false */
  readonly detached?: boolean;
  /** Working directory. @default - that of this process */
  readonly cwd?: string;
}

/** Starts the program as its user would, with only those variables of this environment that find programs. */
export function startProcess(
  command: string,
  args: readonly string[],
  variables: Record<string, string> = {},
  { stdoutFd, leaks = leaksOfThisFile, detached = false, cwd }: StartOptions = {},
): RunningProcess {
  // biome-ignore lint/style/noProcessEnv: PATH and HOME, to find node and npm
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, args, {
    env: { PATH, HOME, ...variables },
    detached,
    cwd,
    stdio: ['pipe', stdoutFd ?? 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const end = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  for (const [name, value] of Object.entries(variables)) {
    const reference = /^(env|file|aws-secretsmanager|vault|keychain):/.test(value);
    // The location of a secret, or the prefix of its name, is no secret.
    if (/TOKEN|SECRET|KEY/.test(name) && !/_(ARN|PREFIX)$/.test(name) && !reference)
      leaks.secret(name, value);
  }
  async function ended() {
    child.kill('SIGTERM');
    const killed = setTimeout(() => {
      child.kill('SIGKILL');
      // A child of the program may live on and hold these open.
      for (const stream of [child.stdout, child.stderr]) stream?.destroy();
    }, ENDING_MS);
    await end;
    clearTimeout(killed);
    const [, token] = /^Token {8}(\S+)$/m.exec(stderr) ?? [];
    if (token !== undefined) leaks.secret('development token', token);
  }
  // An argument may be a script with secrets in it.
  const where = [command, ...args.filter((arg) => /^[\w./:-]+$/.test(arg))].join(' ');
  leaks.output({ where: `standard output of ${where}`, read: () => stdout, end: ended });
  leaks.output({
    where: `standard error of ${where}`,
    read: () => stderr.replace(ANNOUNCEMENT, ''),
    end: ended,
  });

  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    async says(pattern, timeoutMs = 15_000) {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const match = pattern.exec(stderr);
        if (match !== null) return match;
        if (Date.now() > deadline || child.exitCode !== null) {
          throw new Error(`${pattern} was not printed. stdout: ${stdout} stderr: ${stderr}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    exited(timeoutMs = 15_000) {
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error(`still running. stderr: ${stderr}`)), timeoutMs).unref();
      });
      return Promise.race([end, late]);
    },
  };
}

/** The URL that `npm start` prints, once it serves. */
export async function urlOf(server: RunningProcess): Promise<URL> {
  const [, url = ''] = await server.says(/^MCP server {3}(\S+)$/m);
  return new URL(url);
}
