import { readArguments } from '../../cli/arguments.ts';

const USAGE = `usage: npm run test:clients -- [--ci] [--only NAME] [--installed] [--list] [--verbose] [--write]
Runs the MCP clients that people use against this server, in a network namespace without internet access, with stand-ins for
models, and prints what each of them shows. It needs Linux on x64, root, and a package registry for the installation.
  --ci         those that are installed in two minutes
  --only       those whose name has this text in it
  --installed  uses what an earlier run has installed
  --list       prints the names and versions, and runs none
  --verbose    prints what each client said and was answered
  --write      puts the table into docs/clients.md`;

export type Command = ReturnType<typeof readCommand>;

/** The options of the command line. */
export function readCommand() {
  return readArguments(
    USAGE,
    {
      options: {
        ci: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        installed: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        // Passed by main.ts to run.ts only: a folder that is removed after the run.
        home: { type: 'string', default: '' },
      },
    },
    ({ values: { ci, only, installed, list, write, verbose, home } }) => {
      if (write && (ci || only !== ''))
        throw new Error('--write is for the whole table: remove --ci and --only');
      return { ci, only, installed, list, write, verbose, home };
    },
  );
}
