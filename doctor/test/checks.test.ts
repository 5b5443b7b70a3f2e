import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ALL_CHECKS } from '../src/all-checks.ts';
import type { Finding } from '../src/check.ts';
import { examine } from '../src/examine.ts';
import { GROUPS } from '../src/groups.ts';
import { startIssuer } from './support/issuer-server.ts';
import type { Scenario, Servers } from './support/scenarios.ts';
import { startSound, TOKEN } from './support/sound-server.ts';

/** Runs in parallel. Each mostly waits. */
const LANES = 10;

const serversOf = (id: string) => new URL(`../src/checks/${id}.servers.ts`, import.meta.url);

test('every check has servers that fail it, pass it, and on which it cannot tell', () => {
  expect(ALL_CHECKS.map(({ id }) => id).filter((id) => !existsSync(serversOf(id)))).toEqual([]);
});

test('every check explains its fault, its requests, the fix and the reference', () => {
  expect(new Set(ALL_CHECKS.map(({ id }) => id)).size).toBe(ALL_CHECKS.length);
  for (const { id, title, fault, why, sends, fix, reference } of ALL_CHECKS) {
    expect(id).toMatch(/^[a-z-]+\/[a-z-]+$/);
    expect(title).not.toBe(fault);
    for (const text of [title, fault, why, sends, fix, reference]) expect(text).toMatch(/^\S.{5,}[^.\s]$/);
  }
});

test('the README lists every group', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /^## Checks$([\s\S]*?)^## /m.exec(readme) ?? [];
  const groups = [...table.matchAll(/^\| ((?:`[a-z-]+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  expect(groups.map((group) => group.replaceAll('`', ''))).toEqual(GROUPS);
});

const OUTCOMES: Readonly<Record<keyof Servers, readonly string[]>> = {
  fails: ['fail'],
  passes: ['pass'],
  cannotTell: ['inconclusive', 'not applicable'],
};
const KINDS = Object.keys(OUTCOMES) as (keyof Servers)[];

describe.each(ALL_CHECKS.filter(({ id }) => existsSync(serversOf(id))).map(({ id }) => id))('%s', (id) => {
  test.each(KINDS)('%s', async (kind) => {
    const { outcome, evidence, severity } = (await findings.get(`${id} ${kind}`)) as Finding;
    expect({ outcome, evidence, severity }).toMatchObject({
      outcome: expect.stringMatching(new RegExp(`^(?:${OUTCOMES[kind].join('|')})$`)),
      evidence: expect.stringMatching(/.{3,}/),
    });
  });
});

const scenarios = new Map<string, Servers>();
const findings = new Map<string, Promise<Finding>>();

/** Starts all runs, in a few lanes. */
beforeAll(async () => {
  const ids = ALL_CHECKS.map(({ id }) => id).filter((id) => existsSync(serversOf(id)));
  for (const id of ids) {
    scenarios.set(id, ((await import(serversOf(id).href)) as { SERVERS: Servers }).SERVERS);
  }
  const lanes = Array.from({ length: LANES }, () => Promise.resolve<unknown>(undefined));
  for (const [index, [id, kind]] of ids.flatMap((id) => KINDS.map((kind) => [id, kind] as const)).entries()) {
    const finding = (lanes[index % LANES] as Promise<unknown>).then(() => runOne(id, kind));
    findings.set(`${id} ${kind}`, finding);
    lanes[index % LANES] = finding.catch(() => undefined);
  }
}, 60_000);

async function runOne(id: string, kind: keyof Servers): Promise<Finding> {
  const scenario = scenarios.get(id)?.[kind] as Scenario;
  const server = await startSound(scenario);
  const issuer = scenario.issuer && (await startIssuer(scenario.issuer));
  try {
    const { ca, httpPort } = server;
    const url = server.url.replace('127.0.0.1', scenario.host ?? '127.0.0.1');
    const needed = neededBy.get(id) ?? [];
    const report = await examine(url, {
      ...{ ca, httpPort, token: TOKEN, patienceMs: 2000, timeoutMs: 5000, only: [...needed, id] },
      ...(issuer && { issuer: issuer.url }),
      ...scenario.options,
    });
    return report.findings.find((finding) => finding.id === id) as Finding;
  } finally {
    issuer?.stop();
    await server.stop();
  }
}

/** Checks that read the responses of others need some. */
const neededBy = new Map(
  ALL_CHECKS.filter(({ id, baseline }) => baseline === 'nothing' && /^(?:leakage|headers)\//.test(id)).map(
    ({ id }) =>
      [id, ['surface/files', 'json-rpc/parse-error', 'leakage/tool-errors', 'surface/methods']] as const,
  ),
);
