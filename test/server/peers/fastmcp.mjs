// A server on FastMCP for TypeScript, with sessions.
import { setTimeout as sleep } from 'node:timers/promises';
import { FastMCP, imageContent, UserError } from 'fastmcp';
import { z } from 'zod';

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const memories = new Map();

const server = new FastMCP({ name: 'fastmcp', version: '1.0.0' });
const text = z.object({ text: z.string() });
server.addTool({
  name: 'echo',
  description: 'Echoes',
  parameters: text,
  execute: async (given) => given.text,
});
server.addTool({
  name: 'image',
  description: 'An image',
  parameters: z.object({}),
  execute: async () => imageContent({ buffer: Buffer.from(PIXEL, 'base64') }),
});
server.addTool({
  name: 'count',
  description: 'Counts to three, with progress',
  parameters: z.object({}),
  async execute(_given, { reportProgress }) {
    for (let progress = 1; progress <= 3; progress++) {
      await reportProgress({ progress, total: 3 });
      await sleep(100);
    }
    return 'done';
  },
});
server.addTool({
  name: 'fails',
  description: 'Fails',
  parameters: z.object({}),
  async execute() {
    throw new UserError('out of stock');
  },
});
server.addTool({
  name: 'slow',
  description: 'Takes a minute',
  parameters: z.object({}),
  async execute() {
    await sleep(60_000);
    return 'done';
  },
});
server.addTool({
  name: 'remember',
  description: 'Adds a text to what this session remembers',
  parameters: text,
  async execute(given, { sessionId }) {
    const memory = memories.get(sessionId) ?? [];
    memories.set(sessionId, [...memory, given.text]);
    return memories.get(sessionId).join(' ');
  },
});
server.addResource({
  uri: 'notes://today',
  name: 'today',
  mimeType: 'text/plain',
  load: async () => ({ text: 'a note' }),
});
server.addResourceTemplate({
  uriTemplate: 'notes://days/{day}',
  name: 'day',
  mimeType: 'text/plain',
  arguments: [{ name: 'day', required: true }],
  load: async ({ day }) => ({ text: `note of ${day}` }),
});
server.addPrompt({
  name: 'ask',
  description: 'Asks about a thing',
  arguments: [{ name: 'thing', required: true }],
  load: async ({ thing }) => `What is ${thing}?`,
});
await server.start({
  transportType: 'httpStream',
  httpStream: { host: '127.0.0.1', port: Number(process.argv[2]), endpoint: '/mcp' },
});
