import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { exampleTool } from '../../../service/tools/example.ts';
import { exampleAwsTool } from '../../../service/tools/example-aws.ts';
import { exampleHttpTool } from '../../../service/tools/example-http.ts';
import { tools as definitions } from '../../../service/tools/index.ts';
import { annotationsOf } from '../../../service/tools/tool.ts';
import { createEveryTool } from '../../support/every-tool.ts';
import { fetchPageTool } from '../../support/fetch-page.ts';
import { greetTool, orderTool } from '../../support/fixture-tools.ts';
import { faultsOfHeaders, faultsOfSchema } from './schema-lint.ts';

/** The list of a fork may be empty. */
const everyTool = await createEveryTool([...definitions, fetchPageTool, greetTool]);

/** Members of a JSON Schema without a bound, at any depth. */
function unbounded(schema: Readonly<Record<string, unknown>>, path = ''): string[] {
  const { type, enum: values, const: constant, properties = {}, items } = schema;
  const members = Object.entries(properties as Record<string, Record<string, unknown>>);
  const inside = members.flatMap(([name, member]) => unbounded(member, `${path}.${name}`));
  if (typeof items === 'object') inside.push(...unbounded(items as Record<string, unknown>, `${path}[]`));
  if (values !== undefined || constant !== undefined) return inside;
  const bounds: Record<string, string[]> = {
    string: ['maxLength'],
    number: ['minimum', 'maximum'],
    integer: ['minimum', 'maximum'],
    array: ['maxItems'],
  };
  const missing = (bounds[String(type)] ?? []).filter((bound) => schema[bound] === undefined);
  return [...inside, ...missing.map((bound) => `${path} ${bound}`)];
}

const withSettings = [...definitions, exampleTool, exampleHttpTool, exampleAwsTool, orderTool].flatMap(
  ({ name, needs }) => (needs?.settings === undefined ? [] : [[name, needs.settings] as const]),
);

test.each(withSettings)('the settings of %s are JSON, strict, bounded and described', (_name, settings) => {
  // Throws for a value that JSON does not have.
  const schema = z.toJSONSchema(settings, { io: 'input' });
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(unbounded(schema)).toEqual([]);
  const described = Object.values(settings.shape).map(({ description = '' }) => description.length > 5);
  expect(described).not.toContain(false);
});

// Including those of a fork.
describe('every tool', () => {
  const tools = everyTool;

  test.each(tools.map((tool) => [tool.name, tool] as const))(
    '%s is bounded, strict and described',
    (_name, tool) => {
      expect(tool.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(tool.description.length).toBeGreaterThan(20);
      expect(tool.scopes.length).toBeGreaterThan(0);
      expect(tool.deadlineMs).toBeGreaterThan(0);
      expect(tool.deadlineMs).toBeLessThanOrEqual(50_000);
      const json = z.toJSONSchema(tool.input, { io: 'input' });
      expect(json).toMatchObject({ type: 'object', additionalProperties: false });
      for (const [name, property] of Object.entries(json.properties ?? {})) {
        const {
          type,
          maxLength,
          enum: values,
        } = property as { type?: string; maxLength?: number; enum?: unknown[] };
        const bounded = type !== 'string' || maxLength !== undefined || values !== undefined;
        expect([name, bounded]).toEqual([name, true]);
      }
    },
  );

  test.each(tools.map((tool) => [tool.name, tool] as const))(
    '%s has schemas that any validator checks in no time, and mirrors no secret into a header',
    (_name, tool) => {
      const input = z.toJSONSchema(tool.input, { io: 'input' });
      expect(faultsOfSchema(input)).toEqual([]);
      if (tool.output !== undefined) {
        expect(faultsOfSchema(z.toJSONSchema(tool.output, { io: 'output' }))).toEqual([]);
      }
      expect(faultsOfHeaders(input)).toEqual([]);
    },
  );

  test.each(tools.map((tool) => [tool.name, tool] as const))(
    '%s needs scopes of this server, none of which is a wildcard or outlives its session',
    (_name, { scopes }) => {
      for (const scope of scopes) {
        // RFC 6749 §3.3, without wildcards.
        expect(scope).toMatch(/^[\x21\x23-\x29\x2b-\x5b\x5d-\x7e]{1,100}$/);
        expect(['all', 'full', 'root', 'openid', 'profile', 'email', 'offline_access']).not.toContain(scope);
      }
    },
  );
});

describe('annotations', () => {
  const worst = { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true };
  test.each([
    [{}, worst],
    [{ destructive: false }, { ...worst, destructiveHint: false }],
    [{ idempotent: true }, { ...worst, idempotentHint: true }],
    [{ openWorld: false }, { ...worst, openWorldHint: false }],
    [
      { readOnly: true },
      { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    ],
    [
      { readOnly: true, destructive: true, idempotent: false },
      { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    ],
  ])('of %j are all four', (effects, hints) => {
    expect(annotationsOf(effects)).toEqual(hints);
  });
});
