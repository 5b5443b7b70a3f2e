import { describe, expect, test } from '@jest/globals';
import { ASSUMPTIONS } from '../../../cli/cost/assumptions.ts';
import { usd } from '../../../cli/cost/line.ts';
import { checkPrices, PRICES, type Price } from '../../../cli/cost/prices.ts';

const good: Price = {
  usd: 0.1,
  unit: 'alarm a month',
  source: 'https://aws.amazon.com/cloudwatch/pricing/',
  read: '2026-09-20',
};
const newer = { ...good, read: '2026-10-01' };

describe('a price', () => {
  test.each<[string, Partial<Record<keyof Price, unknown>>]>([
    ['an amount in USD', { usd: 0 }],
    ['a unit', { unit: '' }],
    ['the page of AWS', { source: undefined }],
    ['the page of AWS', { source: 'https://example.com/alarm-prices/' }],
    ['the date of its reading', { read: undefined }],
    ['the date of its reading', { read: 'last year' }],
    ['a note that its reading is more than a year older', { read: '2025-09-30' }],
  ])('without %s fails and names the price', (what, change) => {
    const prices = { newer, alarm: { ...good, ...change } as Price };
    expect(() => checkPrices(prices)).toThrow(`price alarm must have ${what}`);
  });

  test('may be a year old, or older with a note', () => {
    const older = { ...good, read: '2021-04-22', note: 'from an older reading' };
    expect(checkPrices({ newer, alarm: { ...good, read: '2025-10-01' }, older })).toBeDefined();
  });

  test('for many units is divided by their number', () => {
    expect(usd('secretRequests', 20_000)).toBeCloseTo(0.1);
    expect(usd('webAclRequests', 1e6)).toBeCloseTo(0.6);
  });
});

test('no price in the table has a future date', () => {
  const today = new Date().toISOString().slice(0, 10);
  expect(Object.values<Price>(PRICES).filter(({ read }) => read > today)).toEqual([]);
});

test('every assumption has a description and is greater than zero', () => {
  expect(Object.values(ASSUMPTIONS).filter(({ value, what }) => !(value > 0) || what === '')).toEqual([]);
});
