import { readArguments } from '../cli/arguments.ts';
import { everyCheck, runChecks } from './run-check.ts';

const USAGE = `usage: npm test [-- PATTERN…]
Checks the types, lints and runs every suite, all at the same time. With PATTERNs it runs only the suites whose paths contain one.
npm run jest takes Jest's own options.`;

const patterns = readArguments(USAGE, { allowPositionals: true }, ({ positionals }) => positionals);
process.exitCode = (await runChecks(everyCheck(patterns))) ? 0 : 1;
