import * as z from 'zod';
import { defineTool } from '../../service/tools/definition.ts';

/** A tool without needs. Clients need the scope `echo` for the tools here. */
export const greetTool = defineTool({
  name: 'greet',
  create: ({ tool }) =>
    tool({
      title: 'Greet',
      description: 'Greets by name, for tests.',
      input: z.strictObject({ name: z.string().max(100).describe('Name to greet') }),
      scopes: ['echo'],
      readOnly: true,
      openWorld: false,
      deadlineMs: 2000,
      handle: async ({ name }) => ({ text: `Hello, ${name}` }),
    }),
});

/** A tool with one need of every kind. */
export const orderTool = defineTool({
  name: 'order',
  needs: {
    settings: z.strictObject({
      apiHost: z.string().max(253).describe('Host of the order API'),
      table: z.string().max(200).default('orders').describe('Table of orders'),
      most: z.int().min(1).max(100).default(10).describe('Most orders in a result'),
    }),
    secrets: ['apiKey', 'signingKey'],
    hosts: ({ apiHost }) => [{ host: apiHost, internal: true }, 'status.example.org'],
    awsActions: ({ table }) => [
      { actions: ['dynamodb:Query'], resources: [`arn:aws:dynamodb:eu-west-1:111122223333:table/${table}`] },
    ],
    record: { customer: 'hashed', note: 'none' },
  },
  create: ({ tool }) =>
    tool({
      title: 'Orders of a customer',
      description: 'Lists the orders of a customer, for tests.',
      input: z.strictObject({
        customer: z.string().max(100).describe('Customer number'),
        note: z.string().max(1000).default('').describe('Why the orders are needed'),
        path: z.string().max(200).default('/').describe('Path at the order API'),
      }),
      scopes: ['echo'],
      readOnly: true,
      deadlineMs: 2000,
      async handle({ customer, path }, { settings, secret, fetch, log }) {
        const url = path.startsWith('/') ? `https://${settings.apiHost}${path}` : path;
        const response = await fetch(url, { headers: { 'x-api-key': await secret('apiKey') } });
        log.info('asked', { customer, status: response.status });
        return { text: `${settings.table} ${settings.most} ${response.status} ${await response.text()}` };
      },
    }),
});

/** Values with which `orderTool` starts. */
export const ORDER_VALUES = {
  values: {
    settings: { apiHost: 'api.corp.example' },
    secrets: { apiKey: 'env:ORDER_API_KEY', signingKey: 'env:ORDER_SIGNING_KEY' },
  },
  env: { ORDER_API_KEY: 'key-of-the-order-api', ORDER_SIGNING_KEY: 'key-that-signs-orders' },
};
