import { expect, test } from '@jest/globals';
import { templateDiff } from './template-diff.ts';

const NONE = { added: {}, removed: [], changed: {} };

test.each<[unknown, unknown, object]>([
  [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 2 }] } }, NONE],
  [{ a: 1 }, { a: 1, b: { c: 2 } }, { added: { b: { c: 2 } } }],
  [{ a: { b: 1, c: 2 } }, { a: { c: 2 } }, { removed: ['a/b'] }],
  [{ a: { b: 1 } }, { a: { b: '1' } }, { changed: { 'a/b': { from: 1, to: '1' } } }],
  [{ a: [1, 2] }, { a: [1, 3] }, { changed: { 'a/1': { from: 2, to: 3 } } }],
  [{ a: [1, 2] }, { a: [1] }, { changed: { 'a/1…': { from: [2], to: [] } } }],
  [{ a: [1, 2, 3] }, { a: [1, 4, 5, 3] }, { changed: { 'a/1…': { from: [2], to: [4, 5] } } }],
  [{ a: [1, 1] }, { a: [1] }, { changed: { 'a/1…': { from: [1], to: [] } } }],
  [{ a: [1] }, { a: { 0: 1 } }, { changed: { a: { from: [1], to: { 0: 1 } } } }],
  [{ a: null }, { a: {} }, { changed: { a: { from: null, to: {} } } }],
])('from %j to %j', (from, to, diff) => {
  expect(templateDiff(from, to)).toEqual({ ...NONE, ...diff });
});
