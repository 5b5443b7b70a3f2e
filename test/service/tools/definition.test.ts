import { readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { defineTool } from '../../../service/tools/definition.ts';

const root = new URL('../../../', import.meta.url).pathname;
const described = { title: 'Types', description: 'Checks its types.', scopes: ['echo'], deadlineMs: 1000 };
const input = z.strictObject({ text: z.string() });
const output = z.strictObject({ length: z.int() });

// The compiler checks this file: an expected error that is none is an error.
describe('the types of a definition', () => {
  test('follow from its needs and its schemas', () => {
    const settings = z.strictObject({ unit: z.enum(['m', 'ft']).default('m') });
    const definition = defineTool({
      name: 'types',
      needs: { settings, secrets: ['apiKey'], hosts: ({ unit }) => [`${unit.toUpperCase()}.example.com`] },
      create: ({ tool, settings: { unit } }) =>
        tool({
          ...described,
          input,
          output,
          async handle({ text }, context) {
            const exact: 'm' | 'ft' = context.settings.unit;
            // @ts-expect-error no such setting
            expect(context.settings.size).toBeUndefined();
            // @ts-expect-error no such secret
            const other = () => context.secret('apikey');
            return {
              text: `${text.trim()}${exact}${unit}${await context.secret('apiKey')}`,
              structured: { length: other.length },
            };
          },
        }),
    });
    expect(definition.name).toBe('types');
  });

  test('without needs leave no secret and no setting', () => {
    defineTool({
      name: 'types',
      create: async ({ tool }) =>
        tool({
          ...described,
          input,
          handle: async ({ text }, context) => {
            // @ts-expect-error no secret
            const secret = () => context.secret('apiKey');
            // @ts-expect-error no setting
            const setting = () => context.settings.unit;
            return { text: text.trim() + secret.length + setting.length + context.client.id };
          },
        }),
    });
    // @ts-expect-error no such recording
    defineTool({ name: 'types', needs: { record: 'partly' }, create: () => ({}) as never });
  });
});

/** Files and packages that a module loads, without `import type` and without `import()`. */
function loadedBy(entry: string): ReadonlySet<string> {
  const loaded = new Set<string>();
  const visit = (file: string) => {
    if (loaded.has(relative(root, file))) return;
    loaded.add(relative(root, file));
    const text = readFileSync(file, 'utf8');
    for (const [, names = '', from = ''] of text.matchAll(
      /^(?:import|export)\s([^;]*?)\sfrom\s'([^']+)';/gm,
    )) {
      const isType = names.startsWith('type ') || /^\{(?:\s*type [^,}]+,?)+\s*\}$/.test(names);
      if (isType) continue;
      if (from.startsWith('.')) visit(resolve(dirname(file), from));
      else loaded.add(from);
    }
  };
  visit(resolve(root, entry));
  return loaded;
}

describe('the list of tools', () => {
  const loaded = [...loadedBy('service/tools/index.ts'), ...loadedBy('service/tools/config.ts')];

  test('loads neither an engine nor a heavy package, so that the stack can read it', () => {
    expect(loaded).toContain('service/tools/index.ts');
    expect(loaded.filter((each) => !/^(?:node:|service\/)/.test(each) && each !== 'zod')).toEqual([]);
    expect(loaded.filter((each) => /^service\/(?:scrape|mcp|http|upstream|secrets\/s)/.test(each))).toEqual(
      [],
    );
  });

  test('is read from what the walk finds: it sees a heavy package that a file imports at the top', () => {
    expect([...loadedBy('service/dependencies.ts')]).toEqual(
      expect.arrayContaining(['service/mcp/server.ts', '@modelcontextprotocol/server']),
    );
  });
});

test('outside service/tools and service/scrape, no file of the service knows the scraper', () => {
  const loaded = [...loadedBy('service/main.ts')];
  expect(loaded).toContain('service/own-tools.ts');
  const known = loaded.filter((file) => file.startsWith('service/scrape/'));
  expect(known).toEqual([]);
});
