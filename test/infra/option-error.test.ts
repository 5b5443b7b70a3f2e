import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { OptionError, parseOptions, problem } from '../../infra/lib/option-error.ts';
import { listOf, oneOf, text, wholeNumber } from '../../infra/lib/option-types.ts';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { stages } from './stages.ts';

const schema = z.strictObject({
  size: wholeNumber(1, 9).default(3),
  mode: oneOf('deny', 'allow').optional(),
  names: listOf(text(/^[a-z]+$/, 'a word'), { max: 2, characters: 20 }).default([]),
  groups: listOf(
    z.strictObject({
      name: z.string(),
      members: listOf(z.strictObject({ id: z.string() }), { max: 3 }).default([]),
    }),
    { max: 3 },
  )
    .default([])
    .readonly(),
  inner: z
    .strictObject({ deep: z.strictObject({ colour: z.string().optional() }).prefault({}) })
    .superRefine(({ deep }, context) => {
      if (deep.colour === 'red') context.addIssue(problem(['deep', 'colour'], 'must be left out'));
    })
    .prefault({}),
});

function messageOf(given: unknown, renamed?: ReadonlyMap<string, string>): string {
  try {
    parseOptions(schema, given, renamed);
  } catch (error) {
    if (error instanceof OptionError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseOptions', () => {
  test('fills in defaults at every depth', () => {
    expect(parseOptions(schema, { groups: [{ name: 'a' }] })).toEqual({
      size: 3,
      names: [],
      groups: [{ name: 'a', members: [] }],
      inner: { deep: {} },
    });
  });

  test.each([
    [{ size: 0 }, 'size must be a whole number from 1 to 9, got 0'],
    [{ size: 1.5 }, 'size must be a whole number from 1 to 9, got 1.5'],
    [{ size: '3' }, 'size must be a number, got "3"'],
    [{ mode: 'open' }, 'mode must be one of deny, allow, got "open"'],
    [{ names: 'a' }, 'names must be a list, got "a"'],
    [{ names: ['a', 'B'] }, 'names must be a word, got "B"'],
    [{ names: ['a', 7] }, 'names[1] must be a string, got 7'],
    [{ names: ['a', 'b', 'c'] }, 'names must be a list of 0 to 2, got 3'],
    [{ names: ['abcdefghij', 'klmn'] }, 'names must have at most 20 characters in all, got 21'],
    [{ groups: ['a'] }, 'groups[0] must be an object, got "a"'],
    [{ groups: [{ name: 'a' }, {}] }, 'groups[1].name must be given'],
    [{ groups: [{ name: 'a', members: [{ id: 1 }] }] }, 'groups[0].members[0].id must be a string, got 1'],
    [{ inner: null }, 'inner must be an object, got null'],
    [{ inner: { deep: { colour: 'red' } } }, 'inner.deep.colour must be left out'],
  ])('refuses %j', (given, message) => {
    expect(messageOf(given)).toBe(message);
  });

  test.each([
    [
      { sise: 1 },
      'sise is not an option (did you mean size?); valid options: size, mode, names, groups, inner',
    ],
    [{ elsewhere: 1 }, 'elsewhere is not an option; valid options: size, mode, names, groups, inner'],
    [
      { inner: { deep: { color: 'blue' } } },
      'inner.deep.color is not an option (did you mean colour?); valid options: colour',
    ],
    [
      { groups: [{ name: 'a', members: [{ id: 'b' }, { id: 'c', ID: 'd' }] }] },
      'groups[0].members[1].ID is not an option (did you mean id?); valid options: id',
    ],
    [
      { groups: [{ name: 'a', member: [] }] },
      'groups[0].member is not an option (did you mean members?); valid options: name, members',
    ],
  ])('refuses an option that does not exist: %j', (given, message) => {
    expect(messageOf(given)).toBe(message);
  });

  test('names every problem, a line each', () => {
    expect(messageOf({ size: 0, mode: 'open', sise: 1, inner: { deep: { color: '' } } }).split('\n')).toEqual(
      [
        'size must be a whole number from 1 to 9, got 0',
        'mode must be one of deny, allow, got "open"',
        'inner.deep.color is not an option (did you mean colour?); valid options: colour',
        'sise is not an option (did you mean size?); valid options: size, mode, names, groups, inner',
      ],
    );
  });

  test('names the new name of a renamed option', () => {
    const renamed = new Map([['inner.deep.color', 'inner.deep.colour']]);
    expect(messageOf({ inner: { deep: { color: '' } } }, renamed)).toBe(
      'inner.deep.color is now inner.deep.colour',
    );
  });
});

describe('an option’s name before 0.1.0', () => {
  test.each([
    [
      { limitStore: { kind: 'valkey', failure: 'closed' } },
      "limitStore is now rateLimitStore; remove its kind, and write onFailure: 'deny' for failure: 'closed', 'allow' for 'open'",
    ],
    [
      { rateLimitStore: { failure: 'open' } },
      "rateLimitStore.failure is now rateLimitStore.onFailure, with 'deny' for 'closed' and 'allow' for 'open'",
    ],
    [{ webAcl: { countedRules: [] } }, 'webAcl.countedRules is now webAcl.countOnlyRules'],
    [{ task: { engine: 'direct' } }, 'task.engine is now task.scrapeEngine'],
  ])('is refused with the new one: %j', (options, message) => {
    expect(() => parseStageConfig({ ...stages.dev, ...options } as StageConfig)).toThrow(
      new OptionError(message),
    );
  });
});

test('a stage with several mistakes gets one error with all of them', () => {
  const broken = {
    ...stages.prod,
    region: 'us-esat-1',
    task: { cpu: '512', engine: 'direct', alowedDomains: [] },
    secrets: { clients: [{ clientId: 'a b', scopes: ['scrape'] }] },
  };
  let message = '';
  try {
    parseStageConfig(broken as unknown as StageConfig);
  } catch (error) {
    message = String(error);
  }
  for (const line of [
    'region must be an AWS region (did you mean us-east-1?), got "us-esat-1"',
    'secrets.clients[0].clientId must be 1 to 64 of letters, digits and _.@-, got "a b"',
    'secrets.clients[0].principalArn must be given',
    'task.engine is now task.scrapeEngine',
    'task.alowedDomains is not an option (did you mean allowedDomains?); valid options: ',
  ]) {
    expect(message).toContain(line);
  }
});

describe('docs/configuration.schema.json', () => {
  const file = new URL('../../docs/configuration.schema.json', import.meta.url);
  const fromFile = z.fromJSONSchema(JSON.parse(readFileSync(file, 'utf8')));
  const accepts = (stage: unknown) => fromFile.safeParse(JSON.parse(JSON.stringify(stage))).success;

  test.each(Object.entries<StageConfig>(combinations))('accepts the stage %s', (_name, stage) => {
    expect(accepts(stage)).toBe(true);
  });

  test.each([
    [{ webAlc: {} }],
    [{ edge: { allowedCidr: [] } }],
    [{ network: { egress: 'internet' } }],
    [{ scaling: { minTasks: '2' } }],
    [{ secrets: { clients: [{ clientId: 'ci', scopes: ['scrape'], principal: 'arn' }] } }],
    [{ domain: undefined }],
  ])('refuses a stage with %j', (options) => {
    expect(accepts({ ...stages.dev, ...options })).toBe(false);
  });
});
