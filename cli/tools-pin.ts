import { readFile, writeFile } from 'node:fs/promises';
import type { Client } from '@modelcontextprotocol/client';
import { LOCK_FILE, MAX_RESPONSE_BYTES } from '../service/environment/server.ts';
import { visibleJson } from '../service/text/visible-text.ts';
import { createTurns } from '../service/turns.ts';
import { LISTS } from '../service/upstream/changes.ts';
import { createConnection } from '../service/upstream/connection.ts';
import {
  KINDS,
  type Lock,
  type Pin,
  parseLock,
  parseRules,
  pin,
  type Rules,
} from '../service/upstream/lock.ts';
import { VERSION } from '../service/version.ts';
import { readArguments } from './arguments.ts';

const USAGE = `usage: npm run -s tools:pin -- --url URL [--check]
Pins the MCP server behind this one: writes the names, texts, schemas and hashes of its tools, resources and prompts to
${LOCK_FILE}. The service lists and serves only these, and refuses those that have changed since. Review the file, remove
entries that clients should not have, and edit scopes, deadlineMs, limitPerMinute and record; pinning again keeps those.
  --url    the server's endpoint, such as http://127.0.0.1:8000/mcp
  --check  write nothing; exit 1 when the server and the file differ`;

const CONNECT_MS = 30_000;

type ListName = keyof Lock;

const { url, check } = readArguments(
  USAGE,
  { options: { url: { type: 'string' }, check: { type: 'boolean', default: false } } },
  ({ values }) => {
    const parsed = URL.parse(values.url ?? '');
    if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
      throw new Error(`--url must be an http or https URL, got ${JSON.stringify(values.url ?? '')}`);
    }
    return { url: parsed, check: values.check };
  },
);

/** The rules of the operator; only a check reads what the file says of the server, which is replaced otherwise. */
async function readRules(): Promise<Rules> {
  try {
    const text = await readFile(LOCK_FILE, 'utf8');
    return check ? parseLock(text) : parseRules(text);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return { tools: [], resources: [], prompts: [] };
    throw error;
  }
}

const say = (line: string) => void process.stdout.write(`${JSON.stringify(line).slice(1, -1)}\n`);

/** Whether a reviewer sees every character of a definition, and a client gets none that its terminal obeys. */
async function isVisible(definition: object): Promise<boolean> {
  const json = JSON.stringify(definition);
  return (await visibleJson(json, createTurns().begin(AbortSignal.timeout(CONNECT_MS)))) === json;
}

/** The items of one list, pinned; tells what differs from the file. */
async function pinList(client: Client, list: ListName, former: readonly Pin[]) {
  const nameOf = KINDS[list].nameOf as (item: object) => string;
  const before = new Map(former.map((item) => [nameOf(item), item]));
  const read = LISTS[list] as (
    from: Client,
    skipped: (name: unknown, why: string) => void,
  ) => Promise<object[]>;
  const leaveOut = (name: unknown, why: string) => say(`left out ${JSON.stringify(name)}: ${why}`);
  const changes: string[] = [];
  const items: Pin[] = [];
  for (const definition of await read(client, leaveOut)) {
    const name = nameOf(definition);
    if (!(await isVisible(definition))) {
      leaveOut(name, 'it has invisible characters, which a model reads and a reviewer does not see');
      continue;
    }
    const old = before.get(name);
    const item = pin(list, definition, old);
    before.delete(name);
    items.push(item);
    if (old?.hash !== item.hash) changes.push(`${old === undefined ? 'new    ' : 'changed'}  ${name}`);
  }
  changes.push(...[...before.keys()].map((name) => `gone     ${name}`));
  for (const line of changes) say(line);
  return { items: items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)), same: changes.length === 0 };
}

async function main(): Promise<boolean> {
  const former = await readRules();
  const connection = createConnection({
    ...{ url, session: 'per-request', version: VERSION },
    // A list that the service could not compare must not be pinned.
    maxBytes: MAX_RESPONSE_BYTES,
  });
  const found = await connection.use(AbortSignal.timeout(CONNECT_MS), async (client) => ({
    tools: await pinList(client, 'tools', former.tools),
    resources: await pinList(client, 'resources', former.resources),
    prompts: await pinList(client, 'prompts', former.prompts),
  }));
  if (check) return Object.values(found).every(({ same }) => same);
  const lock = Object.fromEntries(Object.entries(found).map(([list, { items }]) => [list, items]));
  const text = `${JSON.stringify(lock, null, 2)}\n`;
  parseLock(text);
  await writeFile(LOCK_FILE, text);
  const counts = Object.entries(found).map(([list, { items }]) => `${items.length} ${list}`);
  say(`${counts.join(', ')} in ${LOCK_FILE}`);
  return true;
}

main().then(
  (same) => process.exit(same ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
