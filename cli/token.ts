import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretStore } from '../rotation/secret-store.ts';
import { addToken, type NewToken, type TokenList } from './token-list.ts';

/**
 * `npm run -s token -- --client NAME [--secret ARN | --list FILE]`: makes a bearer token. It goes to standard error,
 * once. Its hash goes into the list in AWS, or the whole new list to standard output; that holds hashes only.
 */
const USAGE = `usage: npm run -s token -- --client NAME [--secret ARN | --list FILE] [--scopes scrape,other] [--days 1-3650]
  --secret  the secret in AWS that has the list, changed in place, with the credentials the AWS CLI would use
  --list    the token list as it is now, - for standard input; without either the new list has one entry`;

async function main(): Promise<void> {
  const { client, secret, list, scopes, days } = parseArgs({
    options: {
      client: { type: 'string' },
      secret: { type: 'string' },
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
  if (secret !== undefined && list !== undefined) throw new Error('--secret and --list exclude each other');

  const wanted = {
    clientId: client,
    scopes: scopes.split(',').filter((scope) => scope !== ''),
    days: Number(days),
    now: Date.now(),
  };
  const { token, document, dropped } =
    secret === undefined ? addToken(await current(list), wanted) : await addToSecret(secret, wanted);
  if (secret === undefined) process.stdout.write(`${document}\n`);
  if (secret === undefined && list === undefined) {
    process.stderr.write(
      'The list has this one entry: put into the secret, it takes every other token away\n',
    );
  }
  for (const expired of dropped) process.stderr.write(`Left out: an expired token of ${expired}\n`);
  process.stderr.write(`Token of ${client}, shown only now:\n${token}\n`);
}

/** Changes the list in place, and nobody's change in between is lost: the rotation writes it too. */
async function addToSecret(secretId: string, wanted: NewToken): Promise<TokenList> {
  const [, region] = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId) ?? [];
  const store = createSecretStore(new SecretsManagerClient({ ...(region && { region }) }), pause);
  let made: TokenList | undefined;
  await store.update(secretId, (document) => {
    made = addToken(document, wanted);
    return made.document;
  });
  return made as TokenList;
}

async function current(list: string | undefined): Promise<string | undefined> {
  if (list === undefined) return undefined;
  return list === '-' ? await text(process.stdin) : await readFile(list, 'utf8');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
  process.exitCode = 2;
});
