import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A program of package.json and its arguments. */
export interface CommandLine {
  readonly path: string;
  readonly args: readonly string[];
}

export interface Ended {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Ends the evaluation of a program where `process.exit` would end its process. */
class Exit extends Error {
  readonly status: number | string | null | undefined;

  constructor(status: number | string | null | undefined) {
    super('process.exit');
    this.status = status;
  }
}

let ended: (status: number | string) => void = () => {};
let stdout = '';
let stderr = '';

const exit = process.exit.bind(process);
process.exit = (status) => {
  // A program may exit from a promise that no import waits for.
  ended(status ?? 0);
  throw new Exit(status);
};
process.stdout.write = (text: string | Uint8Array) => {
  stdout += text;
  return true;
};
process.stderr.write = (text: string | Uint8Array) => {
  stderr += text;
  return true;
};
process.on('unhandledRejection', (error) => {
  if (!(error instanceof Exit)) ended(String(error));
});

// A program may also end because nothing is left to do.
process.on('beforeExit', () => ended(process.exitCode ?? 0));

/** Evaluates a program as node would with this command line, until it exits. Its imports are evaluated once for all. */
async function run({ path, args }: CommandLine, index: number): Promise<Ended> {
  [stdout, stderr] = ['', ''];
  process.exitCode = undefined;
  process.argv = [process.argv[0] ?? '', resolve(path), ...args];
  const end = new Promise<number | string>((resolve) => {
    ended = resolve;
  });
  const url = pathToFileURL(resolve(path));
  url.search = `?${index}`;
  import(url.href).catch((error: unknown) => {
    if (!(error instanceof Exit)) ended(String(error));
  });
  const status = await end;
  return { status, stdout, stderr };
}

const commandLines = JSON.parse(process.argv[2] ?? '[]') as CommandLine[];
const results: Ended[] = [];
for (const [index, commandLine] of commandLines.entries()) results.push(await run(commandLine, index));
writeFileSync(1, JSON.stringify(results));
exit(0);
