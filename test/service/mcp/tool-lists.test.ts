import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { createFastPath } from '../../../service/mcp/fast-path.ts';
import { createLists } from '../../../service/mcp/lists.ts';
import { describeTool } from '../../../service/mcp/served-tool.ts';
import { createMcpServerFactory } from '../../../service/mcp/server.ts';
import { annotationsOf } from '../../../service/tools/tool.ts';
import { tool } from '../support/tools.ts';

const named = (name: string, more: object = {}) =>
  tool(name, async () => ({ text: '', structured: {} as never }), more);
const callTool = () => Promise.reject(new Error('not called here'));

describe('a tool in the list for clients', () => {
  test.each([
    [{ readOnly: true }, [true, false, true, true]],
    [{ readOnly: false }, [false, true, false, true]],
    [{}, [false, true, false, true]],
  ])('has all four hints: %j', (more, [readOnlyHint, destructiveHint, idempotentHint, openWorldHint]) => {
    const hints = { readOnlyHint, destructiveHint, idempotentHint, openWorldHint };
    expect(annotationsOf(named('x', more))).toEqual(hints);
    expect(describeTool(named('x', more)).annotations).toEqual(hints);
  });

  test('names its dialect if its author does', () => {
    const input = z.strictObject({}).meta({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
    const { inputSchema, outputSchema } = describeTool({ ...named('x'), input });
    expect(inputSchema['$schema']).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(outputSchema).not.toHaveProperty('$schema');
  });

  test('does not name the dialect that is the protocol’s default', () => {
    const { inputSchema, outputSchema } = describeTool(named('x'));
    expect(JSON.stringify([inputSchema, outputSchema])).not.toContain('$schema');
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

test('lists are kept for some sets of scopes only, because a client chooses which scopes it asks for', () => {
  const items = Array.from({ length: 10 }, (_, index) => ({
    entry: { name: `tool_${index}` },
    scopes: [`scope_${index}`],
  }));
  const listFor = createLists(items);
  const scopes = (bits: number) =>
    new Set(items.flatMap((item, index) => (((bits >> index) & 1) === 1 ? item.scopes : [])));
  const first = listFor(scopes(1));
  expect(listFor(scopes(1))).toBe(first);
  for (let bits = 2; bits < 200; bits++) listFor(scopes(bits));
  expect(listFor(scopes(1))).toEqual(first);
  expect(listFor(scopes(1))).not.toBe(first);
});

describe('the name of a tool', () => {
  test.each(['a', 'scrape_url', 'Scrape-URL', '9', 'x'.repeat(64)])('may be %j', (name) => {
    expect(describeTool(named(name)).name).toBe(name);
  });

  test.each(['', 'a.b', 'a b', 'größe', 'a/b', 'a\n', 'x'.repeat(65)])('%j stops the start', (name) => {
    const options = { tools: [named(name)], callTool, version: '0' };
    expect(() => createMcpServerFactory(options)).toThrow('1 to 64 of letters, digits, _ and -');
    expect(() => createFastPath(options)).toThrow('1 to 64 of letters, digits, _ and -');
  });
});
