import * as z from 'zod';
import { ServiceError } from '../errors.ts';
import type { Tool } from './tool.ts';

// The pattern of a tool, which is not in the list of index.ts: `npm run new-tool -- NAME` copies it under another name.
// What the words of a description say decides whether a model calls the tool, and with what.

/** Bound every text, number and list: the pipeline refuses what does not fit before `handle` is called. */
const input = z.strictObject({
  text: z.string().max(10_000).describe('Text to count the words of'),
});

/** The result as data. A tool whose result is long text has none, and returns `{ text }`: see page-result.ts. */
const output = z.strictObject({
  words: z.int().min(1).describe('Number of words'),
});

/** @param deadlineMs how long one call may take, in milliseconds */
export function createExample(deadlineMs: number): Tool<typeof input, typeof output> {
  return {
    name: 'example',
    title: 'Count words',
    description: 'Counts the words of a text, as far as blanks divide them.',
    input,
    output,
    // A scope of its own: nobody may call it, or sees it, until a client is given the scope in infra/config.ts.
    scopes: ['example'],
    readOnly: true,
    openWorld: false,
    deadlineMs,
    // What takes long is handed `signal`, such as fetch(url, { signal }), and tells how far it is with `progress`.
    async handle({ text }, { signal, progress }) {
      const words = text.split(/\s+/).filter(Boolean).length;
      progress(1, 1, 'counted');
      signal.throwIfAborted();
      // The client reads a ServiceError's row of service/errors.ts; `reason` is for the operator's log. What else is thrown
      // is answered with tool_failed, and nothing of it.
      if (words === 0) throw new ServiceError('tool_failed', { reason: 'no words' });
      return { text: `${words} words`, structured: { words } };
    },
  };
}
