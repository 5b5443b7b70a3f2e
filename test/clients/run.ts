import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { PAGE_TOOL } from '../support/page-tool.ts';
import { readCommand } from './arguments.ts';
import type { Client, Outcome, Situation } from './client.ts';
import { CLIENT_NODE, CLIENT_PYTHON, ROOT } from './environment.ts';
import { judge, TITLES } from './expectations.ts';
import { markdownTable, problems, type Row } from './matrix.ts';
import { page } from './page.ts';
import { servePages } from './pages.ts';
import { select } from './selection.ts';
import { localVariables, PAGES_PORT, startServer, TOKEN } from './servers.ts';

const command = readCommand();
const UNLIMITED = 10_000;

const pageAt = (url: string) => ({ name: PAGE_TOOL, args: { url } });
const small = pageAt(`http://127.0.0.1:${PAGES_PORT}/small`);
const large = pageAt(`http://127.0.0.1:${PAGES_PORT}/large`);
const refused = pageAt('http://127.0.0.1:1/');

/** The steps of each client. */
const SCENARIOS = {
  good: { port: 8080, token: TOKEN, calls: [small, large, refused], limit: UNLIMITED },
  wrong: { port: 8080, token: 'clients-token-that-is-not-valid-0123', calls: [small], limit: UNLIMITED },
  limited: { port: 8081, token: TOKEN, calls: [small, small], limit: 1 },
} as const;

/** Programs that no manifest pins. */
function machine(): string {
  const version = (program: string) =>
    execFileSync(program, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  return [`Node.js ${version(CLIENT_NODE)}`, version(CLIENT_PYTHON), version('chromium')].join(', ');
}

async function outcomeOf(client: Client, name: keyof typeof SCENARIOS, index: number): Promise<Outcome> {
  const { port, token, calls, limit } = SCENARIOS[name];
  const home = join(command.home, `${index}-${name}`);
  mkdirSync(home);
  const stdio = localVariables(limit);
  const situation: Situation = { url: `http://127.0.0.1:${port}/mcp`, token, calls, home, stdio };
  try {
    return await client.run(situation);
  } catch (error) {
    return { connected: false, tools: [], answers: [], said: String(error) };
  }
}

// Also protects a manual start: no client may reach another machine.
if (Object.keys(networkInterfaces()).some((name) => name !== 'lo')) {
  throw new Error(
    'Start this by npm run test:clients, which makes a network namespace without internet access',
  );
}
execFileSync('ip', ['link', 'set', 'lo', 'up']);
const stopPages = await servePages(PAGES_PORT);
const servers = [await startServer(8080, UNLIMITED), await startServer(8081, 1)];
const rows: Row[] = [];
for (const [index, { client, version }] of select(command).entries()) {
  const begun = Date.now();
  const good = await outcomeOf(client, 'good', index);
  const limited = await outcomeOf(client, 'limited', index);
  const wrong = client.hasToken === false ? {} : { wrong: await outcomeOf(client, 'wrong', index) };
  const outcomes = { good, limited, ...wrong };
  rows.push({ name: client.name, version, cells: judge(client.name, outcomes) });
  process.stderr.write(`${client.name} ${version}: ${((Date.now() - begun) / 1000).toFixed(1)} s\n`);
  if (command.verbose)
    process.stderr.write(`${JSON.stringify(outcomes, null, 1).replace(/(.{9000}).*/g, '$1 …')}\n`);
}
for (const server of servers) server.kill();
stopPages();

const table = markdownTable(TITLES, rows);
process.stdout.write(`${table}\n`);
const path = join(ROOT, 'docs/clients.md');
if (command.write) writeFileSync(path, page(readFileSync(path, 'utf8'), table, machine()));
const wrong = problems(TITLES, rows);
for (const problem of wrong) process.stderr.write(`problem: ${problem}\n`);
process.stdout.write(`${rows.length * TITLES.length - wrong.length} passed, ${wrong.length} failed\n`);
process.exit(wrong.length === 0 && rows.length > 0 ? 0 : 1);
