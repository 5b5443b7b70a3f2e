import { createSecretKey } from 'node:crypto';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import type { Seen } from './clients.ts';
import type { PublicPage } from './public-page.ts';
import { SOURCE_IP } from './scene.ts';

/** Problems in the standard output of a task that these clients visited. */
export function auditFindings(stdout: string, seen: Seen, auditKey: string): string[] {
  const check = createChainCheck({ key: createSecretKey(Buffer.from(auditKey)) });
  const lines = stdout.split('\n').filter(Boolean);
  const broken = lines.flatMap((line) => check.add(line) ?? []);
  const records = lines.map((line) => JSON.parse(line));
  const strangers = records.filter(({ outcome, clientId }) => outcome === 'denied' && !clientId);
  const calls = records.filter(({ method, tool }) => method === 'tools/call' && tool);
  const expected = Object.keys(seen.tools)
    .map((client) => (client in seen.scraped ? 'invalid,ok' : 'invalid'))
    .join();
  const outcomes = calls.map(({ outcome }) => outcome).join();
  const foreign = records.filter(({ sourceIp }) => sourceIp !== SOURCE_IP);
  return [
    ...broken,
    ...(check.records === seen.requests && lines.length === seen.requests
      ? []
      : [`${lines.length} lines, ${check.records} records of ${seen.requests} requests`]),
    ...(strangers.length === 1 ? [] : [`${strangers.length} records of the refused stranger, expected 1`]),
    ...(outcomes === expected ? [] : [`the calls are recorded as ${outcomes || 'nothing'}`]),
    ...(foreign.length === 0 ? [] : [`${foreign.length} records name another address than the client's`]),
  ];
}

/** Problems that the clients saw. */
export function clientFindings(
  { tools, refused, scraped, stranger }: Seen,
  page: PublicPage | undefined,
): string[] {
  const lists = Object.values(tools).map((names) => names.join());
  return [
    ...(lists[0] !== '' && lists.every((list) => list === lists[0])
      ? []
      : [`tools: ${JSON.stringify(tools)}`]),
    ...Object.entries(refused).flatMap(([client, isError]) =>
      isError ? [] : [`a call without arguments was no error for the client of ${client}`],
    ),
    ...Object.keys(tools).flatMap((client) => {
      const told = scraped[client] ?? 'nothing';
      if (page === undefined || (told.includes(page.text) && !told.startsWith('error'))) return [];
      return [`the client of ${client} did not get the page: ${told.slice(0, 300)}`];
    }),
    ...(stranger === 401 ? [] : [`an unknown token got ${stranger}, expected 401`]),
  ];
}
