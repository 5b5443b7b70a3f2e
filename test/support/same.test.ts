import { expect, test } from '@jest/globals';
import { same } from './same.ts';

test.each([
  [undefined, null],
  [null, undefined],
  [false, true],
  ['a', 'b'],
  [[1], []],
  [{ a: 1 }, { a: 2 }],
  [{ a: undefined }, {}],
  [0, -0],
])('%j and %j are not the same', (got, wanted) => {
  expect(() => same(got, wanted)).toThrow();
});

test.each([
  [undefined, undefined],
  [Number.NaN, Number.NaN],
  [{ a: [1, 'b'] }, { a: [1, 'b'] }],
])('%j is %j', (got, wanted) => {
  expect(() => same(got, wanted)).not.toThrow();
});
