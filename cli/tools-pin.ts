import { readFile, writeFile } from 'node:fs/promises';
import { listDefinitions } from '../service/upstream/changes.ts';
import { createConnection } from '../service/upstream/connection.ts';
import { hashOf, LOCK_FILE, type LockedTool, parseLock, pin } from '../service/upstream/lock.ts';
import { VERSION } from '../service/version.ts';
import { readArguments } from './arguments.ts';

const USAGE = `usage: npm run -s tools:pin -- --url URL [--check]
Pins the tools of the MCP server behind this one: writes their names, texts, schemas and hashes to ${LOCK_FILE}. The service
lists and calls only these, and refuses a tool whose definition has changed since. Review the file, and edit scopes, deadlineMs
and limitPerMinute in it; pinning again keeps them.
  --url    the server's endpoint, such as http://127.0.0.1:8000/mcp
  --check  write nothing; exit 1 when the server and the file differ`;

const MAX_BYTES = 2 * 1024 * 1024;
const CONNECT_MS = 30_000;

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

async function readLock(): Promise<readonly LockedTool[]> {
  try {
    return parseLock(await readFile(LOCK_FILE, 'utf8'));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    throw error;
  }
}

async function main(): Promise<boolean> {
  const former = new Map((await readLock()).map((tool) => [tool.name, tool]));
  const skipped: string[] = [];
  const connection = createConnection({ url, session: 'per-request', maxBytes: MAX_BYTES, version: VERSION });
  const found = await connection.use(AbortSignal.timeout(CONNECT_MS), (client) =>
    listDefinitions(client, (name, why) => skipped.push(`left out ${JSON.stringify(name)}: ${why}`)),
  );
  const tools = found
    .map((definition) => pin(definition, former.get(definition.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const changes = tools.flatMap(({ name, hash }) => {
    const before = former.get(name);
    former.delete(name);
    return before === undefined ? [`new      ${name}`] : hashOf(before) === hash ? [] : [`changed  ${name}`];
  });
  changes.push(...[...former.keys()].map((name) => `gone     ${name}`));
  for (const line of [...skipped, ...changes]) process.stdout.write(`${JSON.stringify(line).slice(1, -1)}\n`);
  if (check) return changes.length === 0;
  await writeFile(LOCK_FILE, `${JSON.stringify({ tools }, null, 2)}\n`);
  process.stdout.write(`${tools.length} tools in ${LOCK_FILE}\n`);
  return true;
}

main().then(
  (same) => process.exit(same ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
