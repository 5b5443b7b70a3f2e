import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { LOCK_FILE } from '../../service/environment/server.ts';
import { tools as definitions } from '../../service/tools/index.ts';
import { annotationsOf } from '../../service/tools/tool.ts';
import { parseLock } from '../../service/upstream/lock.ts';
import { faultsOfHeaders, faultsOfSchema } from '../service/tools/schema-lint.ts';
import { createEveryTool } from '../support/every-tool.ts';

const tools = await createEveryTool();
const named = tools.map((tool) => [tool.name, tool] as const);

/** Whatever service/tools/index.ts lists. `npm run test:fork` runs the tests of each tool as well. */
describe.each(named)('the tool %s', (_name, tool) => {
  test('has a description for a model, a deadline and scopes of this server', () => {
    expect(tool.description.length).toBeGreaterThan(20);
    expect(tool.deadlineMs).toBeGreaterThan(0);
    expect(tool.deadlineMs).toBeLessThanOrEqual(50_000);
    expect(tool.scopes.length).toBeGreaterThan(0);
    for (const scope of tool.scopes) {
      // RFC 6749 §3.3, without wildcards.
      expect(scope).toMatch(/^[\x21\x23-\x29\x2b-\x5b\x5d-\x7e]{1,100}$/);
      expect(['all', 'full', 'root', 'openid', 'profile', 'email', 'offline_access']).not.toContain(scope);
    }
  });

  test('has a strict input schema whose texts and lists are bounded, and that any validator checks in no time', () => {
    const input = z.toJSONSchema(tool.input, { io: 'input' });
    expect(input).toMatchObject({ type: 'object', additionalProperties: false });
    const unbounded = Object.entries(input.properties ?? {}).filter(
      ([, one]) =>
        typeof one === 'object' &&
        ((one.type === 'string' && one.maxLength === undefined && one.enum === undefined) ||
          (one.type === 'array' && one.maxItems === undefined)),
    );
    expect(unbounded.map(([name]) => name)).toEqual([]);
    expect(faultsOfSchema(input)).toEqual([]);
    expect(faultsOfHeaders(input)).toEqual([]);
    const output = tool.output && z.toJSONSchema(tool.output, { io: 'output' });
    expect(output === undefined ? [] : faultsOfSchema(output)).toEqual([]);
  });

  test('states all four hints, and none of them contradicts another', () => {
    const hints = annotationsOf(tool);
    expect(Object.values(hints).map((hint) => typeof hint)).toEqual(Array(4).fill('boolean'));
    expect(hints.readOnlyHint && hints.destructiveHint).toBe(false);
  });

  test('has a test of its own', () => {
    // The kit's own tools have theirs in test/service.
    const file = `test/service/tools/${tool.name.replaceAll('_', '-').toLowerCase()}.test.ts`;
    const ofTheKit = ['scrape_url', 'scrape_with_selector'].includes(tool.name);
    expect(
      ofTheKit || existsSync(new URL(`../../${file}`, import.meta.url)) ? '' : `${file} is missing`,
    ).toBe('');
  });
});

test('every tool has a name of its own', () => {
  const names = definitions.map(({ name }) => name);
  expect([...new Set(names)]).toEqual(names);
});

test(`${LOCK_FILE}, if there is one, is valid`, () => {
  const file = new URL(`../../${LOCK_FILE}`, import.meta.url);
  expect(() => existsSync(file) && parseLock(readFileSync(file, 'utf8'))).not.toThrow();
});
