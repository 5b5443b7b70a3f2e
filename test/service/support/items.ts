import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ServiceError } from '../../../service/errors.ts';
import type { Prompt, PromptMessage } from '../../../service/prompts/prompt.ts';
import type { Resource } from '../../../service/resources/resource.ts';

/** A resource for tests, with a scope of the test clients. */
export function resource(uri: string, read: Resource['read'], more: Partial<Resource> = {}): Resource {
  const described = { name: uri, title: uri, description: `${uri} for tests`, mimeType: 'text/plain' };
  return { uri, ...described, scopes: ['echo'], deadlineMs: 2000, read, ...more };
}

const failing = async (): Promise<never> => {
  throw new Error('postgres://admin:hunter2@10.0.0.5/db refused the connection');
};

/** Resources with every behaviour that matters to the pipeline. */
export const TEST_RESOURCES: readonly Resource[] = [
  resource('test://plain', async (_variables, { client }) => ({ text: `read by ${client.id}\ud800` })),
  resource('test://bytes', async () => ({ bytes: Buffer.from([0, 255]) }), { mimeType: 'image/png' }),
  resource('test://fails', failing),
  resource('test://hangs', () => new Promise(() => {}), { deadlineMs: 100 }),
  resource('test://large', async () => ({ text: 'x'.repeat(1024 * 1024 + 1) })),
  resource('test://other', async () => ({ text: 'other' }), { scopes: ['other'] }),
  resource('test://pages/{page}', async ({ page }) => {
    if (page === 'none') throw new ServiceError('resource_unknown', { reason: 'no such page' });
    return { text: `page ${page}` };
  }),
];

const greeting = z.strictObject({ name: z.string().max(20).describe('Who'), mood: z.string().optional() });

function prompt(
  name: string,
  render: (given: z.output<typeof greeting>) => Promise<readonly PromptMessage[]>,
  more: object = {},
): Prompt {
  const described = { title: name, description: `${name} for tests`, arguments: greeting };
  return { name, ...described, scopes: ['echo'], deadlineMs: 100, render, ...more } as unknown as Prompt;
}

export const TEST_PROMPTS: readonly Prompt[] = [
  prompt('greet', async ({ name, mood = 'fine' }) => [
    { role: 'user', text: `I am ${name}` },
    { role: 'assistant', text: mood },
  ]),
  prompt('fails', failing, { arguments: z.strictObject({}) }),
  prompt('hangs', () => sleep(5000, [], { ref: false }), { arguments: z.strictObject({}) }),
  prompt('other', async () => [], { scopes: ['other'] }),
];

/** Messages of 2025-11-25. */
export const readOf = (uri: string): object => ({
  ...{ jsonrpc: '2.0', id: 1, method: 'resources/read' },
  params: { uri },
});
export const getOf = (name: string, given?: object): object => ({
  ...{ jsonrpc: '2.0', id: 1, method: 'prompts/get' },
  params: { name, arguments: given },
});
