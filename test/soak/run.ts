import { execFileSync } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { readArguments } from '../../cli/arguments.ts';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import { portOf, postToBundle, startBundle } from '../service/support/deployed-bundle.ts';
import { callOf, modern } from '../service/support/start-app.ts';
import { entry } from '../service/support/tokens.ts';

const USAGE = `usage: npm run soak -- [--minutes N]
Mixed load on the deployed program for a while; its memory, descriptors and answers are watched.
  --minutes  how long, more than 0. Default 10`;

const minutes = readArguments(
  USAGE,
  { options: { minutes: { type: 'string', default: '10' } } },
  ({ values }) => {
    const given = Number(values.minutes);
    if (!(given > 0 && given <= 10_000)) throw new Error('--minutes must be a number above 0, at most 10000');
    return given;
  },
);
const CLIENTS = 8;
/** Pause of a client between two requests, in milliseconds: load, but not all that one core can do. */
const PAUSE_MS = 20;
const SAMPLE_MS = 2000;
/** Of the smallest task, in KiB. */
const TASK_KIB = 512 * 1024;
/** By how much the median of the last third may be above that of the second; the first is warm-up. */
const GROWTH = 1.05;

const token = randomBytes(32).toString('base64url');
const auditKey = randomBytes(32).toString('hex');
execFileSync('npm', ['run', '--silent', 'build']);
const server = startBundle({
  ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp' },
  ...{ MCP_AUTH_TOKENS: 'env:TOKENS', MCP_AUDIT_KEY: 'env:AUDIT_KEY', AUDIT_KEY: auditKey },
  TOKENS: JSON.stringify({ tokens: [entry(token, 'soak', ['scrape'])] }),
  ...{ MCP_CLIENT_LIMIT_PER_MINUTE: '100000', MCP_TOOL_LIMIT_PER_MINUTE: '1000' },
  SCRAPE_ALLOWED_DOMAINS: 'example.com',
  // Half of the task, as Node takes it by itself in a container of that size.
  NODE_OPTIONS: '--max-old-space-size=256',
});
const port = await portOf(server);

type Request = [what: string, status: readonly number[], body: object, headers: Record<string, string>];
const { body: list, headers: listHeaders } = modern('tools/list');
const refusedUrl = { url: 'http://169.254.169.254/latest/meta-data/' };
const { body: call, headers: callHeaders } = modern('tools/call', {
  name: 'scrape_url',
  arguments: refusedUrl,
});
const { body: bad, headers: badHeaders } = modern('tools/call', {
  name: 'scrape_url',
  arguments: { url: 5 },
});
const MIX: readonly Request[] = [
  ['list, 2026-07-28', [200], list, listHeaders],
  ['call that is refused, 2026-07-28', [200, 429], call, callHeaders],
  ['arguments that do not fit', [200], bad, badHeaders],
  ['list, 2025-11-25', [200], { jsonrpc: '2.0', id: 1, method: 'tools/list' }, {}],
  ['call that is refused, 2025-11-25', [200, 429], callOf('scrape_url', refusedUrl), {}],
  ['no such tool', [200], callOf('nothing'), {}],
  ['no such method', [200, 404], { jsonrpc: '2.0', id: 1, method: 'resources/list' }, {}],
  ['envelope that contradicts its headers', [400], list, { ...listHeaders, 'mcp-method': 'tools/call' }],
  ['unknown token', [401, 429], list, { ...listHeaders, authorization: `Bearer ${'x'.repeat(43)}` }],
  ['foreign host', [403], list, { ...listHeaders, host: 'evil.example' }],
  ['body that is too large', [413], { padding: 'x'.repeat(400_000) }, {}],
];

const problems: string[] = [];
const samples: number[] = [];
let answered = 0;
let running = true;

async function client(first: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let index = first; running; index++) {
    const [what, statuses, body, headers] = MIX[index % MIX.length] as Request;
    const answer = await postToBundle(port, token, body, headers, agent);
    answered += 1;
    if (!statuses.includes(answer.status))
      problems.push(`${what}: ${answer.status} ${answer.text.slice(0, 200)}`);
    await sleep(PAUSE_MS);
  }
  agent.destroy();
}

const rss = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))?.[1]);
const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
const end = performance.now() + minutes * 60_000;
while (performance.now() < end && problems.length < 20) {
  await sleep(SAMPLE_MS);
  samples.push(rss());
}
running = false;
await Promise.all(clients);
server.child.kill('SIGTERM');
const exit = await server.exited(60_000);
if (exit !== 0) problems.push(`the process ended with ${exit}`);

const chain = createChainCheck({ key: createSecretKey(Buffer.from(auditKey)) });
const records = server.stdout().split('\n').filter(Boolean);
for (const line of records) {
  const problem = chain.add(line);
  if (problem !== undefined) problems.push(problem);
}
if (records.length !== answered) problems.push(`${answered} requests have ${records.length} audit records`);

const median = (part: number[]) => [...part].sort((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0;
const third = Math.floor(samples.length / 3);
const [middle, last] = [median(samples.slice(third, 2 * third)), median(samples.slice(2 * third))];
const most = Math.max(...samples);
if (last > middle * GROWTH) problems.push(`memory grows: median ${middle} KiB, then ${last} KiB`);
if (most > TASK_KIB) problems.push(`${most} KiB are more than the task of ${TASK_KIB} KiB has`);

const mib = (kib: number) => (kib / 1024).toFixed(0);
process.stdout.write(
  `${minutes} min, Node.js ${process.version}: ${answered} requests of ${CLIENTS} clients, ${records.length} audit records, one chain; ` +
    `memory ${mib(middle)} MiB, then ${mib(last)} MiB (medians of the second and last third), at most ${mib(most)} MiB; ` +
    `${problems.length} problems\n`,
);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
