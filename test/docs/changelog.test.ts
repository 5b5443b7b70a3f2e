import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { RULES } from '../../infra/rules/hardened.ts';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';

const root = new URL('../../', import.meta.url);
const changelog = readFileSync(new URL('CHANGELOG.md', root), 'utf8');

/** The renames of a kind, each as its old and new cell. */
function renames(kind: string): (readonly [old: string, current: string])[] {
  const rows = changelog.matchAll(new RegExp(`^\\| ${kind} \\| (.*) \\| (.*) \\|$`, 'gm'));
  return [...rows].map(([, old = '', current = '']) => [old, current] as const);
}
const codeIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

test.each(renames('Option'))(
  'the old option %s is refused, and the error names the new one',
  (old, current) => {
    const path = (codeIn(old)[0] ?? '').replace(/:.*/, '').split('.');
    const stage = path.reduceRight<unknown>((value, key) => ({ [key]: value }), 'direct') as StageConfig;
    const [next = 'rateLimitStore'] = codeIn(current).map((code) => code.replace(/[.:].*/, ''));
    expect(() => parseStageConfig(stage)).toThrow(new RegExp(`is now ${next}\\b`));
  },
);

test('the new names of rules are rules, and the old ones are not', () => {
  const ids = Object.values(RULES).flatMap((rules) => rules.map(({ id }) => id));
  const rules = renames('Rule').flatMap(([old, current]) => [codeIn(old), codeIn(current)]);
  expect(rules.length).toBe(26);
  const [old, current] = [0, 1].map((at) => rules.flatMap((cell, index) => (index % 2 === at ? cell : [])));
  expect(current?.filter((id) => !ids.includes(id))).toEqual([]);
  expect(old?.filter((id) => ids.includes(id))).toEqual([]);
});

test('the new folders exist, and the old ones do not', () => {
  const folders = renames('Folder').filter(([, current]) => !current.includes('NAME'));
  const paths = folders.map(([old, current]) => [codeIn(old), codeIn(current)] as const);
  expect(paths.flatMap(([, current]) => current).filter((path) => !existsSync(new URL(path, root)))).toEqual(
    [],
  );
  const sources = paths.flatMap(([old]) => old).filter((path) => existsSync(new URL(`${path}main.ts`, root)));
  expect(sources).toEqual([]);
});
