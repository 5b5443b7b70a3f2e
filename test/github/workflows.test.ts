import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createLint, type Lint } from './support/lint.ts';
import { jobs, workflows } from './support/workflows.ts';

const root = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Actions pinned to a tag, because no commit is known for certain. */
const BY_TAG: readonly string[] = [];

/** Events that may start a workflow. None of them gives the repository's rights to foreign code. */
const TRIGGERS = ['push', 'pull_request', 'schedule', 'workflow_dispatch', 'workflow_call'];

/** Rights beyond reading the code. */
const RIGHTS: Readonly<Record<string, object>> = {
  'codeql.yml analyze': { actions: 'read', contents: 'read', 'security-events': 'write' },
  'deploy.yml deploy': { contents: 'read', 'id-token': 'write' },
  'deploy.yml not-set-up': {},
  'release.yml doctor': { contents: 'read', 'id-token': 'write' },
  'release.yml tag': { contents: 'write' },
};

const steps = jobs.flatMap(([where, job]) => (job.steps ?? []).map((step) => [where, step] as const));

test('there are workflows to check', () => {
  expect(workflows.map(({ name }) => name)).toEqual([
    'ci.yml',
    'codeql.yml',
    'deploy.yml',
    'diff.yml',
    'release.yml',
  ]);
  expect(steps.length).toBeGreaterThan(20);
});

describe('the linter', () => {
  let lint: Lint;
  beforeAll(async () => {
    lint = await createLint();
  });

  test.each(workflows.map(({ name, text }) => [name, text]))('finds no fault with %s', async (name, text) => {
    expect(await lint(name, text)).toEqual([]);
  });

  test.each([
    ['an event that does not exist', /^ {2}pull_request:$/m, '  pull_requests:'],
    ['a right that does not exist', 'contents: read', 'content: read'],
    ['a misspelt key', 'timeout-minutes', 'timeout-minute'],
    ['a context that does not exist', 'matrix.node', 'matrices.node'],
    [
      'an expression that does not end',
      "github.event_name == 'pull_request' }}",
      "(github.event_name == '' }}",
    ],
  ])('finds %s', async (_what, from, to) => {
    const { text = '' } = workflows.find(({ name }) => name === 'ci.yml') ?? {};
    const broken = text.replace(from, to);
    expect(broken).not.toBe(text);
    expect(await lint('ci.yml', broken)).not.toEqual([]);
  });
});

describe.each(workflows.map((workflow) => [workflow.name, workflow] as const))('%s', (_name, workflow) => {
  test('is not started by events that give rights to foreign code', () => {
    expect(workflow.triggers.filter((trigger) => !TRIGGERS.includes(trigger))).toEqual([]);
  });

  test('grants rights only to jobs, and reads no secret', () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.text).not.toMatch(/\bsecrets\b[.[]|secrets: inherit/);
  });

  test('pins every action to a commit and names its version', () => {
    const used = [...workflow.text.matchAll(/^\s*(?:- )?uses: (?!\.\/)(\S+)(.*)$/gm)];
    const loose = used.filter(
      ([, action = '', comment = '']) =>
        !/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/.test(action) || !/^ # v\d+\.\d+\.\d+$/.test(comment),
    );
    expect(loose.map(([, action]) => action).filter((action = '') => !BY_TAG.includes(action))).toEqual([]);
    expect(used.length).toBe(
      workflow.jobs.flatMap(([, job]) => job.steps ?? []).filter(({ uses }) => uses).length,
    );
  });
});

test('an action has one version everywhere', () => {
  const used = workflows.flatMap(({ text }) => [
    ...text.matchAll(/uses: (?!\.\/)([\w-]+\/[\w-]+)\S*@(.*)$/gm),
  ]);
  const versions = new Map<string, Set<string>>();
  for (const [, action = '', version = ''] of used) {
    versions.set(action, (versions.get(action) ?? new Set()).add(version));
  }
  expect([...versions].filter(([, { size }]) => size > 1).map(([action]) => action)).toEqual([]);
});

describe.each(jobs)('%s', (where, job, workflow) => {
  test('has the rights it needs and no others', () => {
    expect(job.permissions).toEqual(RIGHTS[where] ?? { contents: 'read' });
  });

  test('ends by itself', () => {
    if (job.uses !== undefined) return;
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });

  test('gives a pull request neither credentials nor an environment', () => {
    if (!workflow.triggers.includes('pull_request')) return;
    expect(job.permissions).not.toHaveProperty('id-token');
    expect(job.environment).toBeUndefined();
  });
});

test('no command contains an expression; variables pass the values', () => {
  expect(steps.filter(([, { run }]) => run?.includes('${{')).map(([where]) => where)).toEqual([]);
});

test('no checkout keeps its token', () => {
  const checkouts = steps.filter(([, { uses }]) => uses?.startsWith('actions/checkout@'));
  expect(checkouts.length).toBeGreaterThan(4);
  expect(checkouts.filter(([, step]) => step.with?.['persist-credentials'] !== false)).toEqual([]);
});

test('every npm script in a command exists', () => {
  const run = steps.flatMap(([, step]) => [...(step.run ?? '').matchAll(/npm (?:run (?:-\S+ )*)?([\w:]+)/g)]);
  const names = run
    .map(([, name = '']) => name)
    .filter((name) => !['ci', 'audit', 'view', 'pkg', 'publish'].includes(name));
  expect(new Set(names)).toEqual(
    new Set(['test', 'test:fork', 'doctor:test', 'synth', 'synth:combinations', 'sbom']),
  );
  expect(names.filter((name) => !(name in scripts))).toEqual([]);
});

test('tests run on every supported Node.js, including the image’s', () => {
  const matrix = jobs.find(([where]) => where === 'ci.yml test')?.[1].strategy?.matrix;
  const dockerfile = readFileSync(join(root, 'service/Dockerfile'), 'utf8');
  expect(matrix).toEqual({ node: [20, 22, 24] });
  expect(matrix?.['node']?.map(String)).toContain(/nodejs(\d+)-/.exec(dockerfile)?.[1]);
});
