import * as z from 'zod';
import { defineTool } from '../../../service/tools/definition.ts';
import type { ToolContext } from '../../../service/tools/tool.ts';

/** The values of a stage and of the environment for the tool. */
export const EXCHANGE_VALUES = {
  values: { secrets: { issuerClient: 'env:ISSUER_CLIENT' } },
  env: { ISSUER_CLIENT: JSON.stringify({ clientId: 'mcp server', clientSecret: 'pass:word' }) },
};

/** A tool that returns its token of an upstream system. @param seen gets the context of each call */
export function exchangeTool(seen: (context: ToolContext) => void = () => {}) {
  return defineTool({
    name: 'crm',
    needs: {
      secrets: ['issuerClient'],
      tokenExchange: {
        audience: 'https://crm.example.com',
        scopes: ['crm.read', 'crm.list'],
        credentials: 'issuerClient',
      },
    },
    create: ({ tool }) =>
      tool({
        title: 'CRM',
        description: 'Calls an upstream system, for tests.',
        scopes: ['echo'],
        deadlineMs: 5000,
        input: z.strictObject({}),
        handle: async (_input, context) => {
          seen(context as ToolContext);
          return { text: await context.upstreamToken() };
        },
      }),
  });
}
