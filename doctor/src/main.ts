#!/usr/bin/env node
import { writeFileSync } from 'node:fs';
import { ALL_CHECKS } from './all-checks.ts';
import { createTextCleaner } from './clean-text.ts';
import { fetchToken } from './client-credentials.ts';
import { type Command, checkWritable, readCommand } from './command.ts';
import { examine, type Report } from './examine.ts';
import { compareWith } from './report/baseline.ts';
import { EXIT_INTERRUPTED, EXIT_UNREACHABLE, EXIT_USAGE, exitCodeOf } from './report/exit-code.ts';
import { FORMATS } from './report/formats.ts';
import { ignoreIn } from './report/ignore.ts';
import { createProgress } from './report/progress.ts';
import { tableOf } from './report/table.ts';
import { TargetError } from './target-error.ts';
import { COMMAND, USAGE } from './usage.ts';

function print(report: Report, { formats, output, pinFile }: Command): void {
  if (pinFile !== undefined) writeFileSync(pinFile, `${JSON.stringify(report.pin, null, 2)}\n`);
  const [format] = formats;
  if (output === undefined && format !== undefined) {
    process.stdout.write(FORMATS[format].write(report));
    return;
  }
  for (const each of formats) {
    writeFileSync(`${output}.${FORMATS[each].extension}`, FORMATS[each].write(report));
  }
  const { isTTY, columns } = process.stdout;
  process.stdout.write(tableOf(report, isTTY === true && process.stdout.hasColors(), columns));
}

async function main(): Promise<number> {
  const command = readCommand();
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  checkWritable(command);
  const progress = createProgress(process.stderr);
  const interrupt = new AbortController();
  // A second Ctrl-C ends the process at once.
  process.once('SIGINT', () => interrupt.abort());
  const { signal } = interrupt;
  const { client, ca, url, ignored, earlier, failOn } = command;
  const token = client === undefined ? command.token : await fetchToken({ ...client, ca, resource: url });
  const seen = await examine(url, {
    ...command,
    token,
    signal,
    onFinding: progress.show,
    onWait: progress.wait,
  })
    .catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    })
    .finally(progress.end);
  if (seen === undefined) return EXIT_INTERRUPTED;
  const compared = earlier === undefined ? seen : compareWith(seen, earlier);
  const ids = ALL_CHECKS.map(({ id }) => id);
  const report = ignoreIn(compared, ignored, ids);
  const exitCode = signal.aborted ? EXIT_INTERRUPTED : exitCodeOf(report.findings, failOn);
  print({ ...report, exitCode }, command);
  return exitCode;
}

main().then(
  (code) => {
    process.exitCode = code;
    // Connections of a check that was interrupted are still open.
    if (code === EXIT_INTERRUPTED) process.stdout.write('', () => process.exit());
  },
  (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    // The message may contain a password from the URL, or text from the server.
    const message = createTextCleaner([]).clean((error as Error).message, 1000);
    const usage =
      (error instanceof TargetError && error.kind === 'usage') || code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(usage ? `${message}\nRun ${COMMAND} --help for the options.\n` : `${message}\n`);
    process.exitCode = usage || !(error instanceof TargetError) ? EXIT_USAGE : EXIT_UNREACHABLE;
  },
);
