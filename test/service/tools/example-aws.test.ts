import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exampleAwsTool } from '../../../service/tools/example-aws.ts';
import { callTool } from '../support/call-tool.ts';

const tableArn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders';
const options = { values: { settings: { tableArn } } };
const VARIABLES = ['AWS_ENDPOINT_URL_DYNAMODB', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

describe('the tool example_aws', () => {
  // The SDK reads its variables of this process.
  const { env } = process;
  const before = VARIABLES.map((name) => [name, env[name]] as const);
  let dynamodb: Server;
  /** The last request, and the answer to the next one. */
  let asked: { target: unknown; authorization: unknown; trace: unknown; body: unknown } | undefined;
  let answer: readonly [status: number, body: object];

  beforeAll(async () => {
    dynamodb = createServer(async (request, response) => {
      const chunks = await request.toArray();
      const { 'x-amz-target': target, 'x-amzn-trace-id': trace, authorization } = request.headers;
      asked = { target, authorization, trace, body: JSON.parse(Buffer.concat(chunks).toString()) };
      const [status, body] = answer;
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => dynamodb.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(dynamodb.address() as AddressInfo).port}`;
    for (const [index, value] of [url, 'testing', 'testing'].entries()) env[VARIABLES[index] ?? ''] = value;
  });
  afterAll(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete env[name];
      else env[name] = value;
    }
    dynamodb.closeAllConnections();
    return new Promise<void>((resolve) => dynamodb.close(() => resolve()));
  });

  test('queries the table of the stage in its region, and returns text and the same as data', async () => {
    const item = (order: string, status: string) => ({ order: { S: order }, status: { S: status } });
    answer = [200, { Items: [item('o-2', 'sent'), item('o-1', 'paid')] }];
    const { text, structured, record } = await callTool(exampleAwsTool, { customer: 'c-1' }, options);
    expect(asked).toMatchObject({
      target: 'DynamoDB_20120810.Query',
      authorization: expect.stringContaining('/eu-west-1/dynamodb/'),
      body: { TableName: tableArn, ExpressionAttributeValues: { ':customer': { S: 'c-1' } }, Limit: 20 },
    });
    const orders = [
      { order: 'o-2', status: 'sent' },
      { order: 'o-1', status: 'paid' },
    ];
    expect({ text, structured }).toEqual({ text: 'o-2: sent\no-1: paid', structured: { orders } });
    expect(record).toMatchObject({ tool: 'example_aws', outcome: 'ok' });
    const traceId = String(record['traceId']);
    expect(asked?.trace).toMatch(
      new RegExp(`^Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=[0-9a-f]{16};Sampled=0$`),
    );
  });

  test('says that there are no orders', async () => {
    answer = [200, {}];
    const { text, structured } = await callTool(exampleAwsTool, { customer: 'c-1' }, options);
    expect({ text, structured }).toEqual({ text: 'no orders', structured: { orders: [] } });
  });

  test('reveals nothing of an error of AWS', async () => {
    answer = [400, { __type: 'AccessDeniedException', message: 'internal detail' }];
    const { text, isError, record } = await callTool(exampleAwsTool, { customer: 'c-1' }, options);
    expect({ isError, text }).toEqual({ isError: true, text: expect.not.stringContaining('detail') });
    expect(record).toMatchObject({ errorCode: 'tool_failed' });
  });

  test.each([{}, { customer: "c' OR 1" }, { customer: 'x'.repeat(41) }, { customer: 'c', more: true }])(
    'refuses %.60j',
    async (input) => {
      const { record } = await callTool(exampleAwsTool, input, options);
      expect(record.outcome).toBe('invalid');
    },
  );

  test('is refused to a client without its scope', async () => {
    const { record } = await callTool(
      exampleAwsTool,
      { customer: 'c-1' },
      { ...options, scopes: ['another'] },
    );
    expect(record).toMatchObject({ outcome: 'denied', errorCode: 'insufficient_scope' });
  });
});
