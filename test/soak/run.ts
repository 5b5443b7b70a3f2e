import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { readArguments } from '../../cli/arguments.ts';
import { checkAudit } from './audit.ts';
import { watchMemory } from './memory.ts';
import { KINDS, type Kind } from './requests.ts';
import { startService } from './service.ts';

const USAGE = `usage: npm run soak -- [--minutes N]
Mixed load on the deployed program for a while; its memory, answers and records are watched.
  --minutes  how long, 1 or more. Default 10`;

const minutes = readArguments(
  USAGE,
  { options: { minutes: { type: 'string', default: '10' } } },
  ({ values }) => {
    const given = Number(values.minutes);
    if (!(given >= 1 && given <= 10_000))
      throw new Error(`--minutes must be a number from 1 to 10000, got ${JSON.stringify(values.minutes)}`);
    return given;
  },
);
/** Connections that stay open, two for each client of the token list. */
const CONNECTIONS = 8;
const CLIENTS = 4;
/** Pause between two requests of a connection, in milliseconds: a load below the capacity of one core. */
const PAUSE_MS = 20;
const MAX_PROBLEMS = 20;

const { server, port, pages, rotation, audit, reads, close } = await startService(CLIENTS);
const memory = watchMemory(server.child);
const problems: string[] = [];
const counts = new Map<Kind, Map<number | string, number>>(KINDS.map((kind) => [kind, new Map()]));
const byId = new Map<string, string>();
const unanswered = new Map<string, number>();
const MIX = KINDS.flatMap((kind) => Array<Kind>(kind.weight).fill(kind));
let running = true;
let sent = 0;

const add = <K>(map: Map<K, number>, key: K) => map.set(key, (map.get(key) ?? 0) + 1);

async function send(kind: Kind, client: number, agent: Agent): Promise<void> {
  const number = sent++;
  const [token, retired] = [rotation.current(client), rotation.retired(client)];
  const seen = await kind.send({ port, agent, token, retired, pages, number });
  if (seen === undefined) return;
  const { status, requestId, text = '' } = seen;
  add(counts.get(kind) ?? new Map(), status);
  if (status !== kind.status || kind.says?.(number).test(text) === false)
    problems.push(`${kind.what}: ${status} ${text.slice(0, 200)}`);
  if (requestId === undefined) add(unanswered, kind.audit);
  else if (byId.has(requestId)) problems.push(`request id ${requestId} came twice`);
  else byId.set(requestId, kind.audit);
}

async function connection(client: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (running && problems.length < MAX_PROBLEMS) {
    const kind = MIX[Math.floor(Math.random() * MIX.length)] as Kind;
    await send(kind, client, agent).catch((error: Error) => {
      add(counts.get(kind) ?? new Map(), 'broken');
      problems.push(`${kind.what}: ${error.message}`);
    });
    await sleep(PAUSE_MS);
  }
  agent.destroy();
}

const connections = Array.from({ length: CONNECTIONS }, (_, index) => connection(index));
for (const end = performance.now() + minutes * 60_000; performance.now() < end; await sleep(200)) {
  const { exitCode, signalCode } = server.child;
  if (problems.length >= MAX_PROBLEMS || exitCode !== null || signalCode !== null) break;
}
running = false;
await Promise.all(connections);
rotation.stop();
const held = memory.stop();
problems.push(...held.problems);
server.child.kill('SIGTERM');
const exit = await server.exited(60_000);
if (exit !== 0) problems.push(`the process ended with ${exit}`);
for (const [line] of server.stderr().matchAll(/^.*"level":"(?:error|warn)".*$/gm)) problems.push(line);
const checked = await checkAudit(audit.file, audit.key, { byId, unanswered });
problems.push(...checked.problems);
if (rotation.count() === 0) problems.push('the tokens were never renewed');
await close();

const lines = KINDS.flatMap((kind) => {
  const statuses = [...(counts.get(kind) ?? [])];
  if (!statuses.some(([status]) => status === kind.status))
    problems.push(`${kind.what}: not once ${kind.status}`);
  const told = statuses.map(([status, count]) => `${status}: ${count}`).join(' · ');
  return `| ${kind.what} | ${told} | ${kind.audit} |`;
});
const hungUp = [...unanswered.values()].reduce((sum, count) => sum + count, 0);
const served = [...byId.values()].filter((said) => said === 'ok').length;
const fetched = [...pages.asked].map(([sort, count]) => `${sort} ${count}`).join(', ');
process.stdout.write(
  `| what is sent | status: how often | record |\n|---|---|---|\n${lines.join('\n')}\n` +
    `${minutes} min, Node.js ${process.version}: ${byId.size + hungUp} requests, ${served} of them served, ${hungUp} hung up; ` +
    `${checked.records} audit records\n` +
    `pages asked for: ${fetched}\n` +
    `tokens renewed ${rotation.count()} times, ${reads()} secrets read\n` +
    `${held.told}\n${problems.length} problems\n`,
);
for (const problem of problems.slice(0, MAX_PROBLEMS)) process.stdout.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
