import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { readArguments, wholeNumber } from '../../cli/arguments.ts';
import { createClient } from './connection.ts';
import { createLedger } from './ledger.ts';
import { requests } from './requests.ts';
import { startFuzzedServer } from './server.ts';

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

const server = await startFuzzedServer();
const ledger = createLedger(server.search);
process.stderr.write(`seed ${seed}: ${count} requests of ${CLIENTS} clients\n`);
const begun = performance.now();

let sent = 0;
for (let batch = 0; sent < count; batch++) {
  const generated = fc.sample(requests(server.token), {
    seed: seed + batch,
    numRuns: Math.min(BATCH, count - sent),
  });
  sent += generated.length;
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, client) => {
      const connection = createClient(server.port);
      for (let index = client; index < generated.length; index += CLIENTS) {
        const request = generated[index];
        if (request !== undefined) ledger.take(request, await connection.send(request));
      }
      connection.close();
    }),
  );
  process.stderr.write(`${sent} sent, ${ledger.problems.length} problems\n`);
  if (ledger.problems.length > 20 || server.child.exitCode !== null) break;
}

const health = Buffer.from('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
const { answer } = await createClient(server.port).send({ framed: true, audited: false, bytes: health });
const found = [];
if (answer?.status !== 200) found.push(`/healthz answers ${answer?.status}`);
server.child.kill('SIGTERM');
const exit = await server.exited(60_000);
if (exit !== 0) found.push(`the process ended with ${exit}`);
await server.close();
if (server.upstreamCalls() === 0) found.push('no call reached the upstream');
const verdict = ledger.close(server.stdout(), server.stderr(), server.auditKey);
const problems = [...found, ...verdict.problems];

const seconds = ((performance.now() - begun) / 1000).toFixed(0);
const table = [...verdict.statuses]
  .sort()
  .map(([status, number]) => `${status === 0 ? 'closed or waiting' : status}: ${number}`);
const { audited, answered, records, orphans, damaged } = verdict;
process.stdout.write(
  `Node.js ${process.versions.node}, seed ${seed}: ${sent} requests in ${seconds} s; ${table.join(', ')}\n` +
    `${audited} whole requests of /mcp; ${answered} answers with an id, ${records} records, one chain; ` +
    `${orphans} records without an answer, all of the ${damaged} damaged requests; ` +
    `${server.upstreamCalls()} calls of the upstream; ${problems.length} problems\n`,
);
for (const problem of problems.slice(0, 20)) process.stdout.write(`${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
