import { expect, test } from '@jest/globals';
import { cutText } from '../../service/well-formed.ts';
import { anyText } from '../support/any-text.ts';
import { fc } from '../support/property.ts';

test.each([
  ['abc', 2, 'ab'],
  ['abc', 3, 'abc'],
  ['abc', 9, 'abc'],
  ['abc', 0, ''],
  ['a😀b', 1, 'a'],
  ['a😀b', 2, 'a'],
  ['a😀b', 3, 'a😀'],
  ['a😀', 3, 'a😀'],
  ['a\ud83d', 2, 'a\ufffd'],
  ['a\ude00b', 2, 'a\ufffd'],
])('%j is cut at %i to %j', (text, length, start) => {
  expect(cutText(text, length)).toBe(start);
});

test('every cut text is well formed, no longer than requested, and at most one unit shorter', () => {
  fc.assert(
    fc.property(anyText(), fc.nat(40), fc.nat(40), (text, from, length) => {
      const cut = cutText(text.slice(from), length);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(cut.length).toBeGreaterThanOrEqual(Math.min(text.slice(from).length, length) - 1);
    }),
  );
});
