import * as z from 'zod';
import type { CallTrace } from '../trace.ts';
import { defineTool } from './definition.ts';

// The pattern of a tool that calls AWS; it is not in the list of index.ts. `npm run new-tool -- NAME --kind aws` copies it
// under another name. The SDK is bundled only with a tool that is in the list.

const settings = z.strictObject({
  tableArn: z
    .string()
    .max(400)
    .regex(/^arn:aws[\w-]*:dynamodb:[\w-]+:\d{12}:table\/[\w.-]{3,255}$/, 'must be the ARN of a table')
    .describe('ARN of the DynamoDB table of orders, with partition key `customer` and sort key `order`'),
});

/** Orders in one result, newest first. */
const MAX_ORDERS = 20;

const input = z.strictObject({
  customer: z
    .string()
    .max(40)
    .regex(/^[A-Za-z0-9-]+$/, 'must be a customer number')
    .describe('Customer number'),
});

const output = z.strictObject({
  orders: z
    .array(
      z.strictObject({
        order: z.string().max(100).describe('Order number'),
        status: z.string().max(100).describe('State of the order'),
      }),
    )
    .max(MAX_ORDERS)
    .describe('The last orders, newest first'),
});

/** The trace as AWS services take it. X-Ray writes the same id in two parts. */
function traceHeader({ traceId, traceparent }: CallTrace): string {
  const [, , parent, flags] = traceparent.split('-');
  return `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${parent};Sampled=${flags === '01' ? 1 : 0}`;
}

export const exampleAwsTool = defineTool({
  name: 'example_aws',
  // Its values in infra/config.ts: example_aws: { settings: { tableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/orders' } }
  needs: {
    settings,
    // The stack derives the task's IAM rights, the DNS names and, without an internet route, the VPC endpoint from
    // this.
    awsActions: ({ tableArn }) => [{ actions: ['dynamodb:Query'], resources: [tableArn] }],
  },
  async create({ tool, settings: { tableArn } }) {
    // Only when the service starts: the stack reads the statement above without the SDK.
    const { DynamoDBClient, QueryCommand } = await import('@aws-sdk/client-dynamodb');
    // Credentials are those of the task's role. The region is a function, because tests create tools without settings.
    const client = new DynamoDBClient({ region: async () => tableArn.split(':')[3] ?? '', maxAttempts: 2 });
    return tool({
      title: 'Orders of a customer',
      description: `Returns the last ${MAX_ORDERS} orders of a customer with their state.`,
      input,
      output,
      scopes: ['example_aws'],
      readOnly: true,
      deadlineMs: 5000,
      async handle({ customer }, { signal, trace }) {
        const query = new QueryCommand({
          TableName: tableArn,
          KeyConditionExpression: '#customer = :customer',
          ProjectionExpression: '#order, #status',
          ExpressionAttributeNames: { '#customer': 'customer', '#order': 'order', '#status': 'status' },
          ExpressionAttributeValues: { ':customer': { S: customer } },
          ScanIndexForward: false,
          Limit: MAX_ORDERS,
        });
        query.middlewareStack.add(
          (next) => (args) => {
            Object.assign((args.request as { headers: object }).headers, {
              'x-amzn-trace-id': traceHeader(trace),
            });
            return next(args);
          },
          { step: 'build' },
        );
        const { Items = [] } = await client.send(query, { abortSignal: signal });
        const orders = Items.map(({ order, status }) => ({
          order: (order?.S ?? '').slice(0, 100),
          status: (status?.S ?? 'unknown').slice(0, 100),
        }));
        const lines = orders.map(({ order, status }) => `${order}: ${status}`);
        return { text: lines.join('\n') || 'no orders', structured: { orders } };
      },
    });
  },
});
