import { ENTRIES, NOTHING_DENIED } from '../service/auth/access-document.ts';
import { subjectText } from '../service/auth/user.ts';
import { allow, deny, KINDS, type Kind, listDenials } from './access-list.ts';
import { readArguments } from './arguments.ts';
import { placeOf, storedList } from './stored-list.ts';
import { tableOf } from './text-table.ts';
import { explainRefusal } from './token-access.ts';

const USAGE = `usage: npm run -s access -- list                                                    --secret ARN | --file PATH
       npm run -s access -- deny  KIND ID [--reason TEXT] [--expires TIME] --secret ARN | --file PATH
       npm run -s access -- allow KIND ID                                  --secret ARN | --file PATH
Cuts off users, clients, tools and protocol versions within 30 seconds, without a deployment.
  KIND       user, client, tool or version
  ID         the userId, clientId, tool or protocolVersion of the audit records
  --secret   the list in Secrets Manager (output AccessListSecretArn), with the AWS CLI's credentials
  --file     a list in a file, for MCP_ACCESS_LIST=file:/PATH; created if missing, readable only by you
  --issuer   for a user: ID is the claim that identifies the person, and this is the issuer of the tokens, exactly as
             task.oauth.issuer has it. The list then has the form that audit records have: of an e-mail address, only a hash
  --reason   for the audit records and other administrators; clients do not see it
  --expires  when the entry ends, such as 2026-12-24T18:00:00Z. Default never`;

const ACTIONS = ['list', 'deny', 'allow'] as const;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

const command = readArguments(
  USAGE,
  {
    allowPositionals: true,
    options: {
      secret: { type: 'string' },
      file: { type: 'string' },
      issuer: { type: 'string' },
      reason: { type: 'string' },
      expires: { type: 'string' },
    },
  },
  ({ values: { secret, file, issuer, reason, expires }, positionals: [word, kindWord, id, ...rest] }) => {
    const action = ACTIONS.find((one) => one === word);
    if (action === undefined) throw new Error(`the command must be one of ${ACTIONS.join(', ')}`);
    const place = placeOf({ secret, file });
    const now = Date.now();
    if (action !== 'deny' && (reason ?? expires) !== undefined)
      throw new Error(`${action} has no --reason and no --expires`);
    if (rest.length > 0 || (action === 'list' && (kindWord ?? issuer) !== undefined))
      throw new Error('unexpected extra arguments');
    if (action === 'list') return { action, place, now } as const;
    const kind = (Object.keys(KINDS) as Kind[]).find((one) => one === kindWord);
    if (kind === undefined) throw new Error(`KIND must be one of ${Object.keys(KINDS).join(', ')}`);
    if (id === undefined) throw new Error('ID is required');
    if (issuer !== undefined && kind !== 'user') throw new Error('--issuer is for a user');
    if (issuer !== undefined && !/^https:\/\/\S+$/.test(issuer))
      throw new Error(
        `--issuer must be the https URL that task.oauth.issuer has, got ${JSON.stringify(issuer)}`,
      );
    if (kind === 'user' && issuer === undefined && id.includes('@'))
      throw new Error('ID must be a userId of the audit records; for an e-mail address, add --issuer');
    const end = expires === undefined ? undefined : Date.parse(INSTANT.test(expires) ? expires : '');
    if (end !== undefined && !(end > now))
      throw new Error(
        `--expires must be a later time such as 2026-12-24T18:00:00Z, got ${JSON.stringify(expires)}`,
      );
    const entry = {
      id: issuer === undefined ? id : subjectText(issuer, id),
      ...(reason === undefined ? {} : { reason }),
      ...(end === undefined ? {} : { expiresAt: new Date(end).toISOString() }),
    };
    const [problem] = ENTRIES[KINDS[kind]].safeParse(entry).error?.issues ?? [];
    if (problem !== undefined) {
      const [what, got] = problem.path[0] === 'reason' ? ['--reason', reason] : ['ID', entry.id];
      throw new Error(`${what} ${problem.message}, got ${JSON.stringify(got)}`);
    }
    return { action, place, now, kind, entry } as const;
  },
);

const stored = storedList(command.place, NOTHING_DENIED);

async function run(): Promise<void> {
  if (command.action === 'list') {
    const denials = listDenials(await stored.read());
    if (denials.length === 0) process.stderr.write('The list is empty: it denies nothing\n');
    const rows = denials.map(({ kind, id, expiresAt = 'never', reason = '' }) => [
      ...[kind, id],
      `${expiresAt}${Date.parse(expiresAt) <= command.now ? ' (ended)' : ''}`,
      reason,
    ]);
    process.stdout.write(tableOf([['KIND', 'ID', 'EXPIRES', 'REASON'], ...rows]));
    return;
  }
  const { action, kind, entry, now } = command;
  await stored.update((document) =>
    action === 'deny' ? deny(document, kind, entry, now) : allow(document, kind, entry.id, now),
  );
  const done = action === 'deny' ? 'is denied' : 'is no longer denied';
  process.stderr.write(`The ${kind} ${entry.id} ${done}; every task applies the change within 30 s\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${explainRefusal(error as Error)}\n`);
  process.exitCode = 1;
}
