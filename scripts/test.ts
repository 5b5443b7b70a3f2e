import { readArguments } from '../cli/arguments.ts';
import { runChecks } from './run-check.ts';

const USAGE = `usage: npm test [-- PATTERN…]
Checks the types, lints, and runs every suite at the same time, or the suites whose path has a PATTERN. npm run jest takes Jest's own options.`;

const patterns = readArguments(USAGE, { allowPositionals: true }, ({ positionals }) => positionals);
const ok = await runChecks([
  { name: 'suites', args: patterns, live: true },
  { name: 'types' },
  { name: 'lint', args: ['.'] },
]);
process.exitCode = ok ? 0 : 1;
