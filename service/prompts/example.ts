import * as z from 'zod';
import type { Prompt } from './prompt.ts';

// The pattern of a prompt; it is not in the list of index.ts. Copy this file and its test under another name.

const input = z.strictObject({
  url: z.string().max(2048).describe('URL of the page to summarize'),
  language: z.string().max(50).default('English').describe('Language of the summary'),
});

/** @param deadlineMs maximum duration of one call, in milliseconds */
export function createExample(deadlineMs: number): Prompt<typeof input> {
  return {
    name: 'example',
    title: 'Summarize a page',
    description: 'Asks for a summary of a web page.',
    arguments: input,
    // A scope of its own: a client neither sees nor may use it until infra/config.ts grants it the scope.
    scopes: ['example'],
    deadlineMs,
    async render({ url, language }) {
      return [{ role: 'user', text: `Summarize ${url} in ${language}, in five sentences.` }];
    },
  };
}
