import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Exit status for an invalid command line (EX_USAGE of sysexits.h). */
export const USAGE_ERROR = 64;

/** Parses the number of an option. @throws Error naming the option and the rule */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new Error(`${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
}

/**
 * Parses the command line of this program. `--help` prints the usage and exits with 0. An unknown option, or an error
 * of `check`, prints the problem and the usage and exits with 64.
 *
 * @param usage text of `--help`, without a final line break
 * @param check converts the options to the program's settings. @throws Error naming the option and the rule
 */
export function readArguments<const T extends ParseArgsConfig, Command>(
  usage: string,
  config: T,
  check: (given: ReturnType<typeof parseArgs<T>>) => Command,
): Command {
  const words = process.argv.slice(2);
  if (words.includes('--help') || words.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  try {
    return check(parseArgs<T>({ ...config, args: words }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}\n`);
    process.exit(USAGE_ERROR);
  }
}
