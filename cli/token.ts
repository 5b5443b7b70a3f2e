import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { addToken } from './token-list.ts';

/**
 * `npm run -s token -- --client NAME [--list FILE]`: makes a bearer token. The whole new token list, for the secret,
 * goes to standard output; it holds hashes only. The token goes to standard error, once.
 */
const USAGE = `usage: npm run -s token -- --client NAME [--list FILE] [--scopes scrape,other] [--days 1-3650]
  --list   the token list as it is now, - for standard input; without it the new list has one entry`;

async function main(): Promise<void> {
  const { client, list, scopes, days } = parseArgs({
    options: {
      client: { type: 'string' },
      list: { type: 'string' },
      scopes: { type: 'string', default: 'scrape' },
      days: { type: 'string', default: '90' },
    },
  }).values;
  if (client === undefined || !/^[\w.@:-]{1,64}$/.test(client)) {
    throw new Error(
      `--client must be 1 to 64 of letters, digits and _.@:-, got ${JSON.stringify(client ?? null)}`,
    );
  }
  if (!/^\d{1,4}$/.test(days) || Number(days) < 1 || Number(days) > 3650) {
    throw new Error(`--days must be a whole number from 1 to 3650, got ${JSON.stringify(days)}`);
  }

  const { token, document, dropped } = addToken(await current(list), {
    clientId: client,
    scopes: scopes.split(',').filter((scope) => scope !== ''),
    days: Number(days),
    now: Date.now(),
  });
  process.stdout.write(`${document}\n`);
  if (list === undefined) {
    process.stderr.write(
      'The list has this one entry: put into the secret, it takes every other token away\n',
    );
  }
  for (const expired of dropped) process.stderr.write(`Left out: an expired token of ${expired}\n`);
  process.stderr.write(`Token of ${client}, shown only now:\n${token}\n`);
}

async function current(list: string | undefined): Promise<string | undefined> {
  if (list === undefined) return undefined;
  return list === '-' ? await text(process.stdin) : await readFile(list, 'utf8');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
  process.exitCode = 2;
});
