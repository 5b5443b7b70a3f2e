import { createSecretKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createChainCheck, MIN_AUDIT_KEY_BYTES } from '../service/logging/audit-chain.ts';
import { parseSecretReference } from '../service/secrets/reference.ts';
import { createSecretSource, SecretError } from '../service/secrets/sources.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { firstProblem } from './audit-export.ts';
import { coloured } from './colour.ts';

const USAGE = `usage: npm run -s audit:verify -- --key REFERENCE [--begun N] FILE|-
Verifies the hash chain of an exported audit log: no record is changed, missing, inserted, duplicated or out of order.
It reads lines of JSON (standard output, the archive, an export of CloudWatch Logs to S3) and the JSON of
aws logs filter-log-events, also compressed with gzip, and several files joined by cat.
  --key    the key of the chain: aws-secretsmanager:ARN, file:/path, env:NAME, vault:… or keychain:…
  For a log of your own server: MCP_AUDIT_KEY=file:/path/key npm run -s start > audit.log
  --begun  tasks that started before the export: as many chains may start in the middle. Default 0
Exits with 0 if every record is valid; 1 if not, naming the first invalid line; 64 for invalid arguments; 66 if it cannot read the input.`;

const { reference, begun, file } = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: { key: { type: 'string' }, begun: { type: 'string', default: '0' } },
  },
  ({ values: { key, begun }, positionals: [file, ...rest] }) => {
    if (key === undefined) throw new Error('--key is required');
    const chains = wholeNumber('--begun', begun, 0, 9999);
    if (file === undefined || rest.length > 0)
      throw new Error('exactly one file must be named, or - for standard input');
    try {
      return { reference: parseSecretReference(key), begun: chains, file };
    } catch (error) {
      throw new Error(`--key ${(error as Error).message}`);
    }
  },
);

/** Exit status for unreadable input (EX_NOINPUT of sysexits.h). */
const NO_INPUT = 66;

async function main(): Promise<number> {
  // biome-ignore lint/style/noProcessEnv: what env: refers to, and where a vault is
  const key = Buffer.from(await createSecretSource({ env: process.env })(reference));
  if (key.length < MIN_AUDIT_KEY_BYTES)
    throw new SecretError(reference, `it must have at least ${MIN_AUDIT_KEY_BYTES} bytes, got ${key.length}`);
  const check = createChainCheck({ key: createSecretKey(key), begun });
  const problem = await firstProblem(file === '-' ? process.stdin : createReadStream(file), check);
  if (problem !== undefined) {
    process.stderr.write(`${coloured('red', 'bad', process.stderr)}: ${problem}\n`);
    return 1;
  }
  const { records, ends } = check;
  const last = `${ends.slice(0, 10).join(', ')}${ends.length > 10 ? ' …' : ''}`;
  process.stdout.write(
    `${coloured('green', 'good', process.stdout)}: ${records} records, ${ends.length} chains, of which ${check.begun} started before the export\n` +
      `The last record of each is ${last}. A chain cannot show whether more records followed.\n`,
  );
  return 0;
}

const status = await main().catch((error: NodeJS.ErrnoException) => {
  const why =
    error instanceof SecretError ? error.message : `cannot read the export: ${error.code ?? error.name}`;
  process.stderr.write(`not checked: ${why}\n`);
  return NO_INPUT;
});
process.exit(status);
