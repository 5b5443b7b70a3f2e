import { createSecretKey } from 'node:crypto';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import type { Seen } from './clients.ts';
import { SOURCE_IP } from './scene.ts';

/** What is wrong with the lines on standard output of a task that these clients visited. */
export function auditFindings(stdout: string, seen: Seen, auditKey: string): string[] {
  const check = createChainCheck({ key: createSecretKey(Buffer.from(auditKey)) });
  const lines = stdout.split('\n').filter(Boolean);
  const broken = lines.flatMap((line) => check.add(line) ?? []);
  const records = lines.map((line) => JSON.parse(line));
  const strangers = records.filter(({ outcome, clientId }) => outcome === 'denied' && !clientId);
  const calls = records.filter(({ method, tool }) => method === 'tools/call' && tool);
  const foreign = records.filter(({ sourceIp }) => sourceIp !== SOURCE_IP);
  return [
    ...broken,
    ...(check.records === seen.requests && lines.length === seen.requests
      ? []
      : [`${lines.length} lines, ${check.records} records of ${seen.requests} requests`]),
    ...(strangers.length === 1 ? [] : [`${strangers.length} records of the refused stranger, expected 1`]),
    ...(calls.length === 2 ? [] : [`${calls.length} records of the 2 calls`]),
    ...(foreign.length === 0 ? [] : [`${foreign.length} records name another address than the client's`]),
  ];
}

/** What is wrong with what the clients saw. */
export function clientFindings({ tools, refused, stranger }: Seen): string[] {
  const lists = Object.values(tools).map((names) => names.join());
  return [
    ...(lists[0] !== '' && lists.every((list) => list === lists[0])
      ? []
      : [`tools: ${JSON.stringify(tools)}`]),
    ...Object.entries(refused).flatMap(([client, isError]) =>
      isError ? [] : [`a call without arguments was no error for the client of ${client}`],
    ),
    ...(stranger === 401 ? [] : [`somebody else's token got ${stranger}, expected 401`]),
  ];
}
