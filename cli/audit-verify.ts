import { createSecretKey } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createChainCheck, MIN_AUDIT_KEY_BYTES } from '../service/logging/audit-chain.ts';
import { parseSecretReference } from '../service/secrets/reference.ts';
import { createSecretSource, SecretError } from '../service/secrets/sources.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { firstProblem } from './audit-export.ts';
import { coloured } from './colour.ts';

const USAGE = `usage: npm run -s audit:verify -- --key REFERENCE [--begun N] FILE|-
Checks an exported audit log against the chain its tasks signed: nothing changed, missing, put in, doubled or out of order.
It takes lines of JSON (standard output, the archive, an export of CloudWatch Logs to S3) and the JSON of
aws logs filter-log-events, each also compressed with gzip, and several joined by cat.
  --key    where the key of the chain is: aws-secretsmanager:ARN, file:/path, env:NAME, vault:… or keychain:…
  A log of a server of your own: MCP_AUDIT_KEY=file:/path/key npm run -s start > audit.log
  --begun  how many tasks had begun before the export: so many chains may begin in its midst. Default 0
Exits 0 if all is good; 1, naming the first bad line, if not; 64 or 66 if it was not told what to check, or could not read it.`;

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

/** How a program ends that cannot read its input (EX_NOINPUT of sysexits.h). */
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
    `${coloured('green', 'good', process.stdout)}: ${records} records, ${ends.length} chains, of which ${check.begun} had begun before\n` +
      `The last record of each is ${last}; whether more followed, a chain cannot tell.\n`,
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
