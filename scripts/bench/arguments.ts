import { readArguments, wholeNumber } from '../../cli/arguments.ts';

const USAGE = `usage: npm run bench -- [--requests N] [--rounds N] [--skip-tests] [--write]
Measures this server, security on, beside Express, both official SDKs and FastMCP, all on one core. It needs taskset.
  --requests    of each server in a round, at least 400. Default 10000
  --rounds      how often every server's turn comes. Default 5
  --skip-tests  leaves out how long npm test takes, which is most of the run
  --write       puts the table into docs/bench.md`;

/** What the bench is told on its command line. */
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
