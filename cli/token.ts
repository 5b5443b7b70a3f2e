import { createHash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';

/**
 * `npm run token -- --client NAME [--scopes scrape] [--days 90]`: makes a bearer token. The token goes to standard
 * output, once; what the server needs to know of it, its hash, goes to standard error as an entry of the token list.
 */
const USAGE = 'usage: npm run token -- --client NAME [--scopes scrape,other] [--days 1-3650]';

function fail(problem: string): never {
  process.stderr.write(`${problem}\n${USAGE}\n`);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        client: { type: 'string' },
        scopes: { type: 'string', default: 'scrape' },
        days: { type: 'string', default: '90' },
      },
    }).values;
  } catch (error) {
    fail((error as Error).message);
  }
}

const { client, scopes, days } = readOptions();
if (client === undefined || !/^[\w.@:-]{1,64}$/.test(client)) {
  fail(`--client must be 1 to 64 of letters, digits and _.@:-, got ${JSON.stringify(client ?? null)}`);
}
if (!/^\d{1,4}$/.test(days) || Number(days) < 1 || Number(days) > 3650) {
  fail(`--days must be a whole number from 1 to 3650, got ${JSON.stringify(days)}`);
}

const token = randomBytes(32).toString('base64url');
const entry = {
  sha256: createHash('sha256').update(token).digest('hex'),
  clientId: client,
  scopes: scopes.split(',').filter((scope) => scope !== ''),
  expiresAt: new Date(Date.now() + Number(days) * 86_400_000).toISOString(),
};
process.stderr.write(
  `Add this entry to "tokens" in the token list's secret:\n${JSON.stringify(entry)}\nToken, shown only now:\n`,
);
process.stdout.write(`${token}\n`);
