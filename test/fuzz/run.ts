import { execFileSync } from 'node:child_process';
import { createSecretKey, randomBytes, randomInt } from 'node:crypto';
import fc from 'fast-check';
import { readArguments, wholeNumber } from '../../cli/arguments.ts';
import { ERRORS } from '../../service/errors.ts';
import { createChainCheck } from '../../service/logging/audit-chain.ts';
import { portOf, startBundle } from '../service/support/deployed-bundle.ts';
import { createSearch, needlesOf } from '../service/support/leak-search.ts';
import { entry } from '../service/support/tokens.ts';
import { createClient, type FuzzAnswer } from './connection.ts';
import { requests } from './requests.ts';

const USAGE = `usage: npm run fuzz -- [--count N] [--seed N]
Sends random and damaged requests to the deployed program and looks at every answer and record.
  --count  requests. Default 100000
  --seed   repeats a run that printed this seed. Default a random one`;

const { count, seed } = readArguments(
  USAGE,
  {
    options: {
      count: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    },
  },
  ({ values }) => ({
    count: wholeNumber('--count', values.count, 1, 100_000_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 31 - 1),
  }),
);
const CLIENTS = 16;
const BATCH = 2000;

const token = randomBytes(32).toString('base64url');
const auditKey = randomBytes(32).toString('hex');
const search = createSearch([...needlesOf('token', token), ...needlesOf('audit key', auditKey)]);
const problems: string[] = [];
const statuses = new Map<number, number>();
const answered = new Map<string, number>();
const codes = new Set(
  Object.values(ERRORS)
    .filter(({ status }) => status === 503)
    .map(({ message }) => message),
);

execFileSync('npm', ['run', '--silent', 'build']);
const server = startBundle({
  ...{ HOST: '127.0.0.1', PORT: '0', MCP_PUBLIC_URL: 'https://mcp.example.com/mcp', MCP_TRUSTED_HOPS: '1' },
  ...{ MCP_AUTH_TOKENS: 'env:TOKENS', MCP_AUDIT_KEY: 'env:AUDIT_KEY', AUDIT_KEY: auditKey },
  TOKENS: JSON.stringify({ tokens: [entry(token, 'fuzz', ['scrape'])] }),
  ...{ MCP_CLIENT_LIMIT_PER_MINUTE: '100000', MCP_TOOL_LIMIT_PER_MINUTE: '100000' },
  SCRAPE_ALLOWED_DOMAINS: 'example.com',
});
const port = await portOf(server);
process.stderr.write(`seed ${seed}: ${count} requests of ${CLIENTS} clients\n`);
const begun = performance.now();

let sent = 0;
for (let batch = 0; sent < count; batch++) {
  const generated = fc.sample(requests(token), {
    seed: seed + batch,
    numRuns: Math.min(BATCH, count - sent),
  });
  sent += generated.length;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const connection = createClient(port);
      for (let index = client; index < generated.length; index += CLIENTS) {
        const request = generated[index];
        if (request !== undefined) judge(await connection.send(request), request.bytes);
      }
      connection.close();
    }),
  );
  process.stderr.write(`${sent} sent, ${problems.length} problems\n`);
  if (problems.length > 20 || server.child.exitCode !== null) break;
}

function judge(answer: FuzzAnswer | undefined, bytes: Buffer): void {
  const status = answer?.status ?? 0;
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
  if (answer === undefined) return;
  const shown = JSON.stringify(bytes.toString('latin1').slice(0, 1500));
  const { requestId, text } = answer;
  if (status >= 500 && !(status === 503 && [...codes].some((message) => text.includes(message)))) {
    problems.push(`${status}: ${text.slice(-300)} to ${shown}`);
  }
  for (const { needle } of search(Buffer.from(text, 'latin1')))
    problems.push(`the ${needle.kind} in an answer to ${shown}`);
  if (requestId !== undefined) answered.set(requestId, (answered.get(requestId) ?? 0) + 1);
}

const alive = await createClient(port).send({
  framed: true,
  bytes: Buffer.from('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n'),
});
if (alive?.status !== 200) problems.push(`/healthz answers ${alive?.status}`);
server.child.kill('SIGTERM');
const exit = await server.exited(60_000);
if (exit !== 0) problems.push(`the process ended with ${exit}`);
const records = server.stdout().split('\n').filter(Boolean);
const chain = createChainCheck({ key: createSecretKey(Buffer.from(auditKey)) });
const recorded = new Set<string>();
for (const line of records) {
  const problem = chain.add(line);
  if (problem !== undefined) problems.push(problem);
  const { requestId } = JSON.parse(line) as { requestId: string };
  if (recorded.has(requestId)) problems.push(`request ${requestId} has two records`);
  recorded.add(requestId);
}
for (const requestId of answered.keys())
  if (!recorded.has(requestId)) problems.push(`request ${requestId} has no record`);
for (const output of [server.stdout(), server.stderr()]) {
  for (const { needle } of search(Buffer.from(output)))
    problems.push(`the ${needle.kind} in the output of the server`);
}

const seconds = ((performance.now() - begun) / 1000).toFixed(0);
const table = [...statuses]
  .sort()
  .map(([status, number]) => `${status === 0 ? 'closed or waiting' : status}: ${number}`);
process.stdout.write(
  `seed ${seed}: ${sent} requests in ${seconds} s; ${table.join(', ')}\n` +
    `${answered.size} answers of /mcp, ${records.length} audit records, one chain; ${problems.length} problems\n`,
);
for (const problem of problems.slice(0, 20)) process.stdout.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
