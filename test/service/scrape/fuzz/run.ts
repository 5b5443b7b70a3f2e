import { randomInt } from 'node:crypto';
import { readArguments, wholeNumber } from '../../../../cli/arguments.ts';
import { fuzzPages } from './pages.ts';

const USAGE = `usage: npm run fuzz:pages -- [--count N] [--seed N]
Converts random pages in this process and looks at their content, their time for each byte, and the longest stretch of work.
  --count  pages. Default 10000
  --seed   repeats a run that printed this seed. Default a random one`;

const { count, seed } = readArguments(
  USAGE,
  {
    options: {
      count: { type: 'string', default: '10000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    },
  },
  ({ values }) => ({
    count: wholeNumber('--count', values.count, 1, 100_000_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 31 - 1),
  }),
);
const { problems, summary } = await fuzzPages(count, seed);
process.stdout.write(summary + problems.map((problem) => `${problem}\n`).join(''));
process.exit(problems.length === 0 ? 0 : 1);
