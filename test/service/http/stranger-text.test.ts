import { createSecretKey } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MASKS } from '../../../service/environment/bounds.ts';
import { createChainCheck } from '../../../service/logging/audit-chain.ts';
import { fc } from '../../support/property.ts';
import { AUDIT_KEY, type RunningApp, startApp } from '../support/start-app.ts';

const masks = Object.values(MASKS).map((expression) => new RegExp(expression));

let app: RunningApp;
beforeAll(async () => {
  app = await startApp();
});
afterAll(() => app.stop());

/** A request without a token; resolves with its status. */
function ask(headers: Readonly<Record<string, string>>, method = 'POST'): Promise<number | undefined> {
  const sent = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const asked = request(app.url, { method, headers: sent }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject).end(method === 'POST' ? '{}' : undefined);
  });
}

/** Everything that a stranger can put into a record before it shows a token, and the status of the refusal. */
const HEADERS = {
  origin: 403,
  host: 403,
  accept: 406,
  'content-type': 415,
  'content-encoding': 415,
  expect: 417,
};

const SEEDS = [
  ...[
    'https://monkeyJumping-around.html.txt',
    'https://eyJhbGciOiJu.abcd.example',
    'Bearer abcdefghijklmnop0123',
  ],
  ...[
    'xBearer AAAAAAAAAAAAAAAAAAAA',
    'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    '"; outcome "ok',
    'é\x80\xff',
  ],
  ...[
    `AWS_SECRET_ACCESS_KEY=${'wJalrXUt/n'.repeat(4)}`,
    'AKIAIOSFODNN7EXAMPLE',
    '-----BEGIN PRIVATE KEY-----',
  ],
  'x'.repeat(4000),
];
const piece = fc.oneof(
  fc.constantFrom(...SEEDS.slice(0, -1), 'eyJ', 'Bearer ', 'bearer ', '.', '//', '"', '\\', ';', ','),
  fc.stringMatching(/^[A-Za-z0-9._/+=-]{1,24}$/),
);
const values = [
  ...SEEDS,
  ...fc.sample(fc.array(piece, { minLength: 1, maxLength: 6 }), 60).map((pieces) => pieces.join('')),
].map((value) => value.trim());

test('header text of a client is bounded, escaped and never masked in the record', async () => {
  const names = Object.keys(HEADERS);
  for (const name of names) {
    for (const value of values) await ask({ [name]: value });
  }
  const records = await app.audit(names.length * values.length);
  expect(records).toHaveLength(names.length * values.length);
  const reasons = records.flatMap(({ reason }) => (typeof reason === 'string' ? [reason] : []));
  // Each of these headers has refused most of the values.
  expect(reasons.length).toBeGreaterThan(records.length / 2);
  expect(Math.max(...reasons.map((reason) => reason.length))).toBeLessThanOrEqual(400);
  const lines = app.auditText().split('\n').filter(Boolean);
  expect(lines.filter((line) => masks.some((mask) => mask.test(line)))).toEqual([]);
  const check = createChainCheck({ key: createSecretKey(Buffer.from(AUDIT_KEY)) });
  expect(lines.flatMap((line) => check.add(line) ?? [])).toEqual([]);
});

test.each(Object.entries(HEADERS))('a refusal by %s answers %d', async (name, status) => {
  expect(await ask({ [name]: 'x-unknown/1' })).toBe(status);
});

test('methods, versions and addresses of a stranger are never masked either', async () => {
  const before = (await app.audit()).length;
  const given = values.slice(0, 30);
  for (const value of given) {
    await ask({
      'mcp-protocol-version': value,
      'x-forwarded-for': value,
      'user-agent': value,
    });
    await ask({ 'user-agent': value }, 'PROPFIND');
  }
  await app.audit(before + 2 * given.length);
  const lines = app.auditText().split('\n').filter(Boolean);
  expect(lines).toHaveLength(before + 2 * given.length);
  expect(lines.filter((line) => masks.some((mask) => mask.test(line)))).toEqual([]);
});
