import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../../cli/arguments.ts';
import { leaks } from '../service/support/leaks.ts';
import { startConformanceServer } from './serve.ts';

const USAGE = `usage: npm run conformance
Runs the official conformance suite against this pipeline, for each revision of the protocol.`;
readArguments(USAGE, {}, () => {});

/** The suite froze the requirements of each revision at its release. */
const RUNS = [
  { revision: '2026-07-28', baseline: undefined },
  { revision: '2025-11-25', baseline: 'baseline-2025-11-25.yml' },
] as const;

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));
const TIMEOUT_MS = 120_000;

/** Runs the suite once and prints its summary. @returns why the run counts as failed, or nothing */
async function run(url: string, { revision, baseline }: (typeof RUNS)[number]): Promise<string | undefined> {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const [major = 0] = process.versions.node.split('.').map(Number);
  const child = spawn(
    process.execPath,
    [
      ...(major < 22 ? ['--import', new URL('glob-sync.mjs', import.meta.url).href] : []),
      SUITE,
      ...['server', '--url', url, '--requirements', revision],
      ...(baseline === undefined ? [] : ['--expected-failures', here(baseline)]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const [code, signal] = await once(child, 'close');
  const summary = output.slice(output.indexOf('=== SUMMARY ==='));
  process.stdout.write(`\n${revision} ${summary.trim()}\n`);
  if (code !== 0) return `the suite ended with ${code ?? signal}`;
  // Not scored, because the suite's own reference fails them. Those that this server passes must keep passing.
  const unscored = [...output.matchAll(/^ +✗ (\S+) \((.*)\)$/gm)].filter(([, , why]) => why !== 'extension');
  if (unscored.length > 0)
    return `failed although not scored: ${unscored.map(([, name]) => name).join(', ')}`;
  return undefined;
}

const server = await startConformanceServer();
const failures: string[] = [];
for (const one of RUNS) {
  const failure = await run(server.url, one);
  if (failure !== undefined) failures.push(`${one.revision}: ${failure}`);
}
await server.stop();
failures.push(...(await leaks.findings()));
for (const failure of failures) process.stderr.write(`FAILED ${failure}\n`);
process.exitCode = failures.length === 0 ? 0 : 1;
