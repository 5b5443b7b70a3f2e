import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { REQUIREMENTS, requirementsOf } from '../../doctor/src/requirements.ts';
import { RULES } from '../../infra/rules/hardened.ts';
import { ALL_CONTROLS, LISTS, summary } from '../../scripts/requirements/lists.ts';
import { requirementsPage } from '../../scripts/requirements/page.ts';
import { mutated } from '../../scripts/requirements/prove.ts';
import { mutationsOf } from '../../scripts/requirements/requirement.ts';
import { isDeleted } from '../support/deleted.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const all = LISTS.flatMap(({ requirements }) => requirements);
const controls = [...ALL_CONTROLS];

/** Ids of the doctor's checks: each file under doctor/src/checks states one. */
const checks = new Set(
  readdirSync(new URL('doctor/src/checks/', root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...read(`doctor/src/checks/${path}`).matchAll(/\bid: '([\w-]+\/[\w-]+)'/g)])
    .map(([, id]) => id),
);
const rules = new Set(
  Object.values(RULES)
    .flat()
    .map(({ id }) => id),
);

afterAll(() => void process.stderr.write(`${summary()}\n`));

describe('every requirement', () => {
  test('has an id of its own', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.filter(({ id }) => !/^[A-Z][\w.-]*$/.test(id))).toEqual([]);
  });

  test('names a control that exists, unless it is not met', () => {
    const wrong = all.filter(
      ({ state, controls: named }) =>
        (named.length === 0) !== (state === 'no') || named.some((name) => !ALL_CONTROLS.has(name)),
    );
    expect(wrong).toEqual([]);
  });

  test('that is not fully met says why', () => {
    expect(all.filter(({ state, because }) => (because === undefined) !== (state === 'yes'))).toEqual([]);
  });
});

describe('every check of the doctor', () => {
  const named = Object.entries(REQUIREMENTS);

  test('names at least one requirement in its findings', () => {
    expect([...checks].filter((id = '') => requirementsOf({ id }).length === 0)).toEqual([]);
  });

  test('names only requirements of these lists', () => {
    const ids = new Set(all.map(({ id }) => id));
    expect(named.flatMap(([, some]) => some).filter((id) => !ids.has(id))).toEqual([]);
  });

  test('and every group that names requirements exists', () => {
    const groups = new Set([...checks].map((id = '') => id.split('/')[0]));
    expect(named.map(([name]) => name).filter((name) => !checks.has(name) && !groups.has(name))).toEqual([]);
  });
});

describe('every control', () => {
  test('is used by a requirement, or is a rule', () => {
    const used = new Set(all.flatMap((each) => each.controls));
    expect(
      controls.map(([name]) => name).filter((name) => !name.startsWith('rule ') && !used.has(name)),
    ).toEqual([]);
  });

  test('names files that exist', () => {
    const missing = controls.flatMap(([name, { files }]) =>
      files
        .filter((file) => !existsSync(new URL(file, root)) && !isDeleted(file))
        .map((file) => [name, file]),
    );
    expect(missing).toEqual([]);
  });

  test('names a test or a rule, and only those that exist', () => {
    const missing = controls.flatMap(([name, { tests = [], rules: named = [] }]) => [
      ...(tests.length + named.length === 0 ? [[name, 'no proof']] : []),
      ...tests
        .filter(
          ([suite, title]) =>
            !isDeleted(suite) && !(existsSync(new URL(suite, root)) && read(suite).includes(title)),
        )
        .map((each) => [name, ...each]),
      ...named.filter((id) => !rules.has(id)).map((id) => [name, id]),
    ]);
    expect(missing).toEqual([]);
  });

  test('names only checks that the doctor has', () => {
    expect(checks.size).toBeGreaterThan(80);
    const missing = controls.flatMap(([name, { checks: named = [] }]) =>
      named.filter((id) => !checks.has(id)).map((id) => [name, id]),
    );
    expect(missing).toEqual([]);
  });

  test('that is broken on purpose has the text to replace, exactly once', () => {
    const broken = controls.flatMap(([, control]) =>
      mutationsOf(control).map((mutation) => ({ control, mutation })),
    );
    expect(broken.length).toBeGreaterThanOrEqual(25);
    for (const { control, mutation } of broken) {
      if (isDeleted(mutation.file)) continue;
      expect(mutated(read(mutation.file), mutation)).not.toBe(read(mutation.file));
      const titles = (control.tests ?? []).map(([, title]) => title);
      expect(titles).toContain(mutation.breaks ?? titles[0]);
    }
  });
});

test('docs/requirements.md shows the lists; npm run requirements writes it', () => {
  expect(read('docs/requirements.md')).toBe(requirementsPage());
});
