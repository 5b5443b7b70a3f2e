import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretStore } from '../rotation/secret-store.ts';
import { addToken, type NewToken, removeTokens, type TokenList } from './token-list.ts';

/**
 * `npm run -s token -- --client NAME [--secret ARN | --list FILE]`: makes a bearer token, or takes those of a client
 * away. The token goes to standard error, once. The list, which holds hashes only, is changed in AWS or goes to
 * standard output.
 */
const USAGE = `usage: npm run -s token -- --client NAME [--secret ARN | --list FILE] [--scopes scrape,other] [--days 1-3650]
       npm run -s token -- --client NAME --secret ARN | --list FILE --remove
  --secret  the secret in AWS that has the list, changed in place, with the credentials the AWS CLI would use
  --list    the token list as it is now, - for standard input; without either the new list has one entry
  --remove  take the client's tokens that were made by hand out of the list`;

interface Command extends NewToken {
  readonly secret: string | undefined;
  readonly list: string | undefined;
  readonly remove: boolean;
}

function readCommand(): Command {
  const { client, secret, list, scopes, days, remove } = parseArgs({
    options: {
      client: { type: 'string' },
      secret: { type: 'string' },
      list: { type: 'string' },
      scopes: { type: 'string', default: 'scrape' },
      days: { type: 'string', default: '90' },
      remove: { type: 'boolean', default: false },
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
  return {
    clientId: client,
    scopes: scopes.split(',').filter((scope) => scope !== ''),
    days: Number(days),
    now: Date.now(),
    secret,
    list,
    remove,
  };
}

async function main(): Promise<void> {
  const command = readCommand();
  const { clientId, secret, list, remove } = command;
  let made: TokenList | undefined;
  const change = (document: string | undefined) => {
    if (remove) return removeTokens(document ?? '', clientId);
    made = addToken(document, command);
    return made.document;
  };
  if (secret !== undefined) await changeInPlace(secret, change);
  else process.stdout.write(`${change(await read(list))}\n`);

  if (secret === undefined && list === undefined) {
    process.stderr.write(
      'The list has this one entry: put into the secret, it takes every other token away\n',
    );
  }
  for (const expired of made?.dropped ?? [])
    process.stderr.write(`Left out: an expired token of ${expired}\n`);
  process.stderr.write(
    made ? `Token of ${clientId}, shown only now:\n${made.token}\n` : `Removed the tokens of ${clientId}\n`,
  );
}

/** Nobody's change in between is lost: the rotation writes the list too. */
async function changeInPlace(secretId: string, change: (document: string) => string): Promise<void> {
  const [, region] = /^arn:[^:]*:secretsmanager:([^:]+):/.exec(secretId) ?? [];
  const client = new SecretsManagerClient({ ...(region && { region }) });
  await createSecretStore(client, pause).update(secretId, change);
}

async function read(list: string | undefined): Promise<string | undefined> {
  if (list === undefined) return undefined;
  return list === '-' ? await text(process.stdin) : await readFile(list, 'utf8');
}

main().catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
  process.exitCode = 2;
});
