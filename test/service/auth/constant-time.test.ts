import * as crypto from 'node:crypto';
import { beforeEach, expect, jest, test } from '@jest/globals';
import { entry } from '../support/tokens.ts';

const compare = jest.fn(crypto.timingSafeEqual);
jest.unstable_mockModule('node:crypto', () => ({ ...crypto, timingSafeEqual: compare }));
const { createHashedTokenVerifier } = await import('../../../service/auth/hashed-tokens.ts');

const names = ['first', 'second', 'third', 'last'];
const token = (name: string) => `${name}-0123456789-abcdefghijklmnop`;
const value = JSON.stringify({ tokens: names.map((name) => entry(token(name), name, [])) });
const verifier = createHashedTokenVerifier({
  document: async () => ({ value, readAt: 0 }),
  monotonic: () => 0,
  now: () => 0,
  logger: { info() {}, warn() {}, error() {} } as never,
});

beforeEach(() => {
  compare.mockClear();
});

test.each(names)('the token of the %s entry is compared with every entry, in constant time', async (name) => {
  expect(await verifier.verify(token(name))).toMatchObject({ clientId: name });
  expect(compare).toHaveBeenCalledTimes(names.length);
});

test('an unknown token is compared with every entry, and again after the list is read again', async () => {
  await expect(verifier.verify(token('unlisted'))).rejects.toMatchObject({ code: 'token_invalid' });
  expect(compare).toHaveBeenCalledTimes(2 * names.length);
});
