import { type ParseArgsConfig, parseArgs } from 'node:util';

/** How a program ends whose command line is not usable (EX_USAGE of sysexits.h). */
export const USAGE_ERROR = 64;

/** The number that an option says. @throws Error naming the option and the rule */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (number >= least && number <= most) return number;
  throw new Error(`${option} must be a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
}

/**
 * Reads the command line of this program. `--help` prints how it is used and ends it with 0; an option it does not have,
 * or what `check` throws, ends it with 64 and says why.
 *
 * @param usage how the program is used, without a last line break
 * @param check makes of the options what the program works with. @throws Error naming the option and the rule
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
