import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { exampleHttpTool } from '../../../service/tools/example-http.ts';
import { type PrivateHost, startPrivateHost } from '../../support/private-network.ts';
import { type CallOptions, callTool } from '../support/call-tool.ts';

const settings = { apiHost: 'stock.corp.example.com' };
const secrets = { apiKey: 'env:STOCK_API_KEY' };
const env = { STOCK_API_KEY: 'key-of-the-stock-api' };

describe('the tool example_http', () => {
  let host: PrivateHost;
  let options: CallOptions;
  /** Answers the next request of the tool. */
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    host = await startPrivateHost(settings.apiHost, (request, response) => answer(request, response));
    options = { values: { settings, secrets }, env, ...host.options };
  });
  afterAll(() => host.close());

  test('asks the API of the stage with its key, and returns text and the same as data', async () => {
    let asked: unknown;
    answer = ({ url, headers }, response) => {
      asked = [url, headers.host, headers['x-api-key']];
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"quantity":7,"more":true}');
    };
    const { text, structured, record } = await callTool(exampleHttpTool, { article: 'a-1' }, options);
    expect(asked).toEqual(['/v1/articles/a-1', settings.apiHost, env.STOCK_API_KEY]);
    expect({ text, structured }).toEqual({
      text: '7 of a-1 in stock',
      structured: { article: 'a-1', inStock: 7 },
    });
    expect(record).toMatchObject({ tool: 'example_http', outcome: 'ok', finalHost: settings.apiHost });
  });

  test.each([
    [500, '{"quantity":7}', 'status 500'],
    [200, '{"quantity":"many"}', 'unexpected answer'],
    [200, '<html>', 'unexpected answer'],
  ])('reveals nothing of the response %i %s', async (status, body, reason) => {
    answer = (_request, response) => response.writeHead(status).end(body);
    const { text, isError, record } = await callTool(exampleHttpTool, { article: 'a-1' }, options);
    expect({ isError, text }).toEqual({ isError: true, text: expect.not.stringContaining(body) });
    expect(record).toMatchObject({ errorCode: 'tool_failed', reason });
  });

  test.each([{}, { article: '../admin' }, { article: 'x'.repeat(41) }, { article: 'a', more: true }])(
    'refuses %.60j',
    async (input) => {
      const { record } = await callTool(exampleHttpTool, input, options);
      expect(record.outcome).toBe('invalid');
    },
  );

  test('is refused to a client without its scope', async () => {
    const { record } = await callTool(
      exampleHttpTool,
      { article: 'a-1' },
      { ...options, scopes: ['another'] },
    );
    expect(record).toMatchObject({ outcome: 'denied', errorCode: 'insufficient_scope' });
  });
});
