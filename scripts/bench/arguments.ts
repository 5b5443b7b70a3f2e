import { readArguments, wholeNumber } from '../../cli/arguments.ts';

const USAGE = `usage: npm run bench -- [--requests N] [--rounds N] [--skip-tests] [--write]
Compares this server, with all security, with Express, both official SDKs and FastMCP, each on one core. Needs taskset.
  --requests    requests per server and round, at least 400. Default 10000
  --rounds      number of rounds. Default 5
  --skip-tests  does not measure npm test, which takes most of the run
  --write       writes the table to docs/bench.md`;

/** Parses the command line of the bench. */
export function readBenchArguments() {
  return readArguments(
    USAGE,
    {
      options: {
        requests: { type: 'string', default: '10000' },
        rounds: { type: 'string', default: '5' },
        'skip-tests': { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
      },
    },
    ({ values }) => ({
      requests: wholeNumber('--requests', values.requests, 400, 10_000_000),
      rounds: wholeNumber('--rounds', values.rounds, 1, 1000),
      skipTests: values['skip-tests'],
      write: values.write,
    }),
  );
}
