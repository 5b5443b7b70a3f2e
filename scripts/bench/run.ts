import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readBenchArguments } from './arguments.ts';
import { type Figures, measure } from './measure.ts';
import { report } from './report.ts';
import { SERVERS } from './servers.ts';
import { startTimes } from './start-time.ts';
import { synthTimes } from './synth-time.ts';
import { testTime } from './test-time.ts';

const { requests, rounds, skipTests, write } = readBenchArguments();

// Rounds are interleaved, so that a busy minute of the machine affects every server.
const all = new Map<string, Figures[]>(SERVERS.map(({ name }) => [name, []]));
for (let round = 1; round <= rounds; round++) {
  for (const server of SERVERS) {
    const figures = await measure(server, requests);
    all.get(server.name)?.push(figures);
    process.stderr.write(`round ${round} of ${rounds}: ${server.name} ${figures.cpuUs.toFixed(0)} µs\n`);
  }
}
const start = await startTimes();
const testS = skipTests ? undefined : testTime();
const text = report({ all, requests, rounds, start, synth: synthTimes(), testS });
process.stdout.write(text);
if (write) writeFileSync(join(import.meta.dirname, '../../docs/bench.md'), text);
