import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Started, start } from '../../test/clients/child.ts';
import type { Finding } from '../src/check.ts';
import { examine } from '../src/examine.ts';
import { type Judgement, judge } from './judge.ts';
import { HERE, PEERS, type Peer } from './servers.ts';

const LANES = 3;
const FIRST_PORT = 9400;
const START_MS = 20_000;
/** Bounds one run of the doctor, and the whole comparison. */
const DEADLINE_MS = 90_000;
const WHOLE_MS = 600_000;

interface Row {
  readonly peer: Peer;
  readonly seconds: number;
  readonly findings: readonly Finding[];
  readonly second: ReadonlyMap<string, Judgement>;
  /** Why there is no result. */
  readonly failure?: string;
}

if (Object.keys(networkInterfaces()).some((name) => name !== 'lo'))
  throw new Error('Start this by npm run doctor:peers, which makes a network namespace without egress');
const words = process.argv.slice(2);
const only = words.find((word) => word.startsWith('--only='))?.slice('--only='.length);
const peers = PEERS.filter(({ name }) => only === undefined || name.includes(only));
const begun = Date.now();
const rows = new Map<Peer, Row>();
// Servers on a port that they share run in one lane, one after the other.
const fixed = peers.filter(({ port }) => port !== undefined);
const free = peers.filter(({ port }) => port === undefined);
const lanes = [
  fixed,
  ...Array.from({ length: LANES - 1 }, (_, lane) => free.filter((_one, i) => i % (LANES - 1) === lane)),
];
await Promise.all(
  lanes.map(async (lane) => {
    for (const peer of lane) rows.set(peer, await compare(peer));
  }),
);
finish(peers.flatMap((peer) => rows.get(peer) ?? []));

async function compare(peer: Peer): Promise<Row> {
  const none = { peer, seconds: 0, findings: [], second: new Map() };
  if (Date.now() - begun > WHOLE_MS) return { ...none, failure: 'no time was left' };
  const port = peer.port ?? FIRST_PORT + PEERS.indexOf(peer);
  const folder = mkdtempSync(join(tmpdir(), 'doctor-peers-'));
  const [program = '', ...args] = peer.start(port, folder);
  const path = program.startsWith('./') ? join(HERE, program) : join(HERE, 'node_modules', program);
  const begin = () =>
    start(
      [process.execPath, path, ...args],
      { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: folder, TMPDIR: folder, ...peer.variables?.(port) },
      folder,
    );
  let server = begin();
  const url = `http://${peer.host ?? '127.0.0.1'}:${port}/mcp`;
  try {
    if (!(await listens(port))) return { ...none, failure: lastLine(server) };
    const start = Date.now();
    const { findings } = await examine(url, {
      ...{ token: peer.token, timeoutMs: 4000, patienceMs: 3000, deadlineMs: DEADLINE_MS },
    });
    const seconds = (Date.now() - start) / 1000;
    // A new process, because the attacks may have used up the limits of the first.
    server.kill();
    await server.end;
    server = begin();
    if (!(await listens(port))) return { ...none, failure: lastLine(server) };
    const second = await judge(url, peer.token);
    process.stderr.write(`${peer.name}: ${seconds.toFixed(1)} s\n`);
    return { peer, seconds, findings, second };
  } catch (error) {
    return { ...none, failure: (error as Error).message };
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
    // The port is free a moment later.
    await sleep(200);
  }
}

function lastLine(server: Started): string {
  return `it does not listen: ${server.output().trim().split('\n').slice(-3).join(' ').slice(0, 300)}`;
}

async function listens(port: number): Promise<boolean> {
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(100)) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, 'localhost', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isOpen) return true;
  }
  return false;
}

function finish(all: readonly Row[]): void {
  const judged = all.flatMap(({ peer, findings, second }) =>
    findings
      .filter(({ id, outcome }) => second.has(id) && (outcome === 'pass' || outcome === 'fail'))
      .map((finding) => ({ peer, finding, agrees: finding.outcome === second.get(finding.id) })),
  );
  const differing = judged.filter(({ agrees }) => !agrees);
  const high = all.flatMap(({ peer, findings, second }) =>
    findings
      .filter(({ outcome, severity }) => outcome === 'fail' && severity === 'high')
      .map(({ id }) => ({ name: peer.name, id, confirmed: second.get(id) === 'fail' })),
  );
  const count = (findings: readonly Finding[], outcome: Finding['outcome']) =>
    findings.filter((finding) => finding.outcome === outcome).length;
  const { dependencies } = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
  const table = [
    '| Server | Package | Held | Failed (high) | Doubtful | Not applicable | Seconds |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...all
      .filter(({ failure }) => failure === undefined)
      .map(({ peer: { name, from }, findings, seconds }) => {
        const serious = high.filter((one) => one.name === name).length;
        return `| ${name} | \`${from}\` ${dependencies[from]} | ${count(findings, 'pass')} | ${count(findings, 'fail')} (${serious}) | ${count(findings, 'inconclusive')} | ${count(findings, 'not applicable')} | ${seconds.toFixed(1)} |`;
      }),
  ].join('\n');
  const heldOut = judged.filter(({ peer }) => peer.isHoldOut === true);
  const agreed = judged.length - differing.length;
  const share = judged.length === 0 ? 0 : (100 * agreed) / judged.length;
  const confirmed = high.filter((one) => one.confirmed).length;
  const lines = [
    `${agreed} of ${judged.length} verdicts agree (${share.toFixed(1)} %).`,
    `${heldOut.filter(({ agrees }) => agrees).length} of ${heldOut.length} of these are on the servers of the hold-out, after the corrections above.`,
    `${confirmed} of ${high.length} failures of high severity were confirmed by another request.`,
    ...differing.map(
      ({ peer, finding }) => `Differs: ${peer.name}, \`${finding.id}\`: the doctor says ${finding.outcome}.`,
    ),
    ...high.filter((one) => !one.confirmed).map(({ name, id }) => `Not confirmed: ${name}, \`${id}\`.`),
  ];
  for (const { peer, failure } of all)
    if (failure !== undefined) process.stderr.write(`SKIPPED ${peer.name}: ${failure}\n`);
  process.stdout.write(`${table}\n\n${lines.join('\n')}\n`);
  if (words.includes('--debug'))
    for (const { peer, finding } of differing)
      process.stderr.write(`${peer.name} ${finding.id}: ${finding.evidence}\n`);
  if (words.includes('--write')) {
    const page = join(HERE, '../docs/peers.md');
    const head = readFileSync(page, 'utf8').split('<!-- table -->')[0] ?? '';
    writeFileSync(
      page,
      `${head}<!-- table -->\n\n${table}\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`,
    );
  }
  const isEnough = only !== undefined || (judged.length >= 250 && share >= 99 && confirmed === high.length);
  process.exit(isEnough ? 0 : 1);
}
