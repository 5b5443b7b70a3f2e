import * as z from 'zod';
import { ServiceError } from '../errors.ts';
import { defineTool } from './definition.ts';

// The pattern of a tool for an HTTP API of your own network with a secret of its own; it is not in the list of index.ts.
// `npm run new-tool -- NAME --kind http` copies it under another name.

const settings = z.strictObject({
  apiHost: z.string().min(4).max(253).describe('Host name of the API'),
});

const input = z.strictObject({
  article: z
    .string()
    .max(40)
    .regex(/^[A-Za-z0-9-]+$/, 'must be an article number')
    .describe('Article number'),
});

const output = z.strictObject({
  article: z.string().max(40).describe('Article number'),
  inStock: z.int().min(0).describe('Number of items in stock'),
});

/** The part of the API's answer that the tool reads. Other members are ignored. */
const answer = z.object({ quantity: z.int().min(0).max(1_000_000_000) });

export const exampleHttpTool = defineTool({
  name: 'example_http',
  // Its values in infra/config.ts: example_http: { settings: { apiHost: 'stock.corp.example.com' }, secrets: { apiKey: 'create' } }
  needs: {
    settings,
    secrets: ['apiKey'],
    // The stack opens the DNS firewall for this name; `internal` allows a private address, and certificates of your own
    // authority (task.caCertificates). A public API is a plain string.
    hosts: ({ apiHost }) => [{ host: apiHost, internal: true }],
  },
  create: ({ tool }) =>
    tool({
      title: 'Items in stock',
      description: 'Returns how many items of an article are in stock.',
      input,
      output,
      scopes: ['example_http'],
      readOnly: true,
      deadlineMs: 5000,
      async handle({ article }, { settings: { apiHost }, secret, fetch }) {
        const response = await fetch(`https://${apiHost}/v1/articles/${encodeURIComponent(article)}`, {
          headers: { accept: 'application/json', 'x-api-key': await secret('apiKey') },
        });
        // A client gets a ServiceError's text from service/errors.ts; `reason` is for the audit record.
        if (!response.ok) throw new ServiceError('tool_failed', { reason: `status ${response.status}` });
        const parsed = answer.safeParse(await response.json().catch(() => undefined));
        if (!parsed.success) throw new ServiceError('tool_failed', { reason: 'unexpected answer' });
        const { quantity } = parsed.data;
        return { text: `${quantity} of ${article} in stock`, structured: { article, inStock: quantity } };
      },
    }),
});
