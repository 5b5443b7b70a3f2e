import * as z from 'zod';
import { ServiceError } from '../errors.ts';
import { defineTool } from './definition.ts';

// The pattern of a tool; it is not in the list of index.ts. `npm run new-tool -- NAME` copies it under another name.
// docs/tools.md explains the needs of a tool and the context of its handler.

/** Bound every text, number and list: the pipeline refuses invalid arguments before it calls `handle`. */
const input = z.strictObject({
  text: z.string().max(10_000).describe('Text to count the words of'),
});

/**
 * The result as data. A tool whose result is long text has no output schema and returns `{ text }`: see page-result.ts.
 */
const output = z.strictObject({
  words: z.int().min(1).describe('Number of words'),
});

/** Values that a stage may choose. Bound and describe each. A tool without settings has no `needs`. */
const settings = z.strictObject({
  separator: z.enum(['blank', 'comma']).default('blank').describe('Character that separates words'),
});

export const exampleTool = defineTool({
  name: 'example',
  needs: { settings },
  create: ({ tool }) =>
    // A model decides by title and description whether to call the tool, and with which arguments.
    tool({
      title: 'Count words',
      description: 'Counts the words of a text.',
      input,
      output,
      // A scope of its own: a client neither sees nor may call the tool until infra/config.ts grants it the scope.
      scopes: ['example'],
      readOnly: true,
      openWorld: false,
      deadlineMs: 5000,
      // Pass `signal` to anything slow, and report progress with `progress`.
      async handle({ text }, { settings, signal, progress }) {
        const separator = settings.separator === 'comma' ? /,\s*/ : /\s+/;
        const words = text.split(separator).filter(Boolean).length;
        progress(1, 1, 'counted');
        signal.throwIfAborted();
        // A client gets a ServiceError's text from service/errors.ts; `reason` is for the audit record. Any other error
        // becomes tool_failed, without its text.
        if (words === 0) throw new ServiceError('tool_failed', { reason: 'no words' });
        return { text: `${words} words`, structured: { words } };
      },
    }),
});
