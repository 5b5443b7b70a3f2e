import { SCOPE_TOKEN } from '../service/environment/bounds.ts';
import { readArguments, wholeNumber } from './arguments.ts';
import { placeOf, storedList } from './stored-list.ts';
import { tableOf } from './text-table.ts';
import { explainRefusal } from './token-access.ts';
import {
  addToken,
  EMPTY_LIST,
  expireTokens,
  type ListedToken,
  leaveRoomForRotation,
  listTokens,
  nameOf,
  rotateToken,
  type TokenList,
} from './token-list.ts';

const USAGE = `usage: npm run -s tokens -- list                                                --secret ARN | --file PATH
       npm run -s tokens -- add    CLIENT [--user ID]  --scopes a,b  [--days N] --secret ARN | --file PATH
       npm run -s tokens -- rotate CLIENT [--user ID] [--hours N]    [--days N] --secret ARN | --file PATH
       npm run -s tokens -- expire CLIENT [--user ID] [--hours N]               --secret ARN | --file PATH
Manages the clients' manually created tokens. The list contains hashes only; a new token is printed to standard output, once.
  --secret  the list in Secrets Manager (output TokensSecretArn), with the AWS CLI's credentials
  --file    a list in a file, for MCP_AUTH_TOKENS=file:/PATH; created if missing, readable only by you
  --user    the person who uses the token: an identifier of letters, digits and _.|:-, not an e-mail address.
            Without it, the token is the client's own; expire then ends the tokens of all its users
  --scopes  scopes of the token: those of the tools that the client may call (tools.lock.json, service/tools/definitions.lock.json)
  --days    days until the new token expires, 1 to 3650. Default 90
  --hours   hours that the old tokens stay valid, 0 to 720. Default 24 for rotate, 0 for expire`;

const COMMANDS = ['list', 'add', 'rotate', 'expire'] as const;
type Action = (typeof COMMANDS)[number];

const command = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: {
      secret: { type: 'string' },
      file: { type: 'string' },
      user: { type: 'string' },
      scopes: { type: 'string' },
      days: { type: 'string' },
      hours: { type: 'string' },
    },
  },
  ({ values: { secret, file, user, scopes, days, hours }, positionals: [word, clientId = '', ...rest] }) => {
    const action = COMMANDS.find((one) => one === word);
    if (action === undefined) throw new Error(`the command must be one of ${COMMANDS.join(', ')}`);
    const place = placeOf({ secret, file });
    if (action !== 'list' && !/^[\w.@:-]{1,64}$/.test(clientId))
      throw new Error(`CLIENT must be 1 to 64 of letters, digits and _.@:-, got ${JSON.stringify(clientId)}`);
    if (rest.length > 0 || (action === 'list' && clientId !== ''))
      throw new Error('unexpected extra arguments');
    if (user !== undefined && !/^[\w.|:-]{1,128}$/.test(user))
      throw new Error(`--user must be 1 to 128 of letters, digits and _.|:-, got ${JSON.stringify(user)}`);
    const takes = {
      user: ['add', 'rotate', 'expire'],
      scopes: ['add'],
      days: ['add', 'rotate'],
      hours: ['rotate', 'expire'],
    };
    for (const [name, value] of Object.entries({ user, scopes, days, hours })) {
      if (value !== undefined && !takes[name as keyof typeof takes].includes(action))
        throw new Error(`${action} has no --${name}`);
    }
    const listed = (scopes ?? '').split(',').filter((scope) => scope !== '');
    if (action === 'add' && listed.length === 0)
      throw new Error(
        'add needs --scopes: those of the tools that the client may call, such as --scopes scrape',
      );
    if (listed.length > 64 || !listed.every((scope) => SCOPE_TOKEN.test(scope)))
      throw new Error(`--scopes must be 1 to 64 scopes such as scrape,other, got ${JSON.stringify(scopes)}`);
    return {
      ...{ action, clientId, userId: user, place, now: Date.now() },
      scopes: listed,
      days: wholeNumber('--days', days ?? '90', 1, 3650),
      hours: wholeNumber('--hours', hours ?? (action === 'rotate' ? '24' : '0'), 0, 720),
    };
  },
);

const stored = storedList(command.place, EMPTY_LIST);

/** Makes the change, then reports its result. */
async function change(action: Exclude<Action, 'list'>): Promise<void> {
  let made: TokenList | undefined;
  await stored.update((document) => {
    if (action === 'expire') return expireTokens(document, command);
    made = action === 'add' ? addToken(document, command) : rotateToken(document, command);
    return 'secret' in command.place ? leaveRoomForRotation(made.document, document) : made.document;
  });
  const ends =
    command.hours === 0
      ? 'are removed; the service refuses them within 60 s'
      : `expire within ${command.hours} h`;
  if (action !== 'add') process.stderr.write(`The old tokens of ${nameOf(command)} ${ends}\n`);
  for (const client of made?.dropped ?? []) process.stderr.write(`Removed: an expired token of ${client}\n`);
  if (made === undefined) return;
  process.stderr.write(`Token of ${nameOf(command)}, shown only now:\n`);
  process.stdout.write(`${made.token}\n`);
}

async function list(): Promise<void> {
  const tokens = listTokens(await stored.read());
  if (tokens.length === 0) process.stderr.write('The list is empty: every client is refused\n');
  const rows = tokens.map(({ clientId, userId = '', scopes, expiresAt, madeBy }: ListedToken) => [
    clientId,
    userId,
    scopes.join(','),
    `${expiresAt}${Date.parse(expiresAt) <= command.now ? ' (expired)' : ''}`,
    madeBy,
  ]);
  const table = [['CLIENT', 'USER', 'SCOPES', 'EXPIRES', 'MADE BY'], ...rows];
  process.stdout.write(tableOf(table));
}

try {
  await (command.action === 'list' ? list() : change(command.action));
} catch (error) {
  process.stderr.write(`${explainRefusal(error as Error)}\n`);
  process.exitCode = 1;
}
