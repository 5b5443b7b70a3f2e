import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ServiceError } from '../../../service/errors.ts';
import type { Tool, ToolContext } from '../../../service/tools/tool.ts';

const input = z.strictObject({ text: z.string().max(1000), api_key: z.string().optional() });
const output = z.strictObject({ text: z.string(), clientId: z.string() });

export function tool(
  name: string,
  handle: Tool<typeof input, typeof output>['handle'],
  more: object = {},
): Tool {
  const base = {
    name,
    title: name,
    description: `${name} for tests`,
    input,
    output,
    scopes: ['echo'],
    deadlineMs: 2000,
  };
  return { ...base, ...more, handle } as unknown as Tool;
}

const aborted = new Map<string, string>();

function watch({ requestId, signal }: ToolContext): void {
  signal.addEventListener('abort', () => aborted.set(requestId, (signal.reason as ServiceError).code));
}

/** The code with which the signal of a call's handler has aborted, once it has. */
export async function abortReasonOf(requestId: string): Promise<string | undefined> {
  for (let i = 0; i < 100 && !aborted.has(requestId); i++) await sleep(10);
  return aborted.get(requestId);
}

/** Tools with every behaviour of a handler that matters to the pipeline. */
export const TEST_TOOLS: readonly Tool[] = [
  tool('echo', async ({ text }, { client: { id: clientId } }) => ({ text, structured: { text, clientId } })),
  tool('fails', async () => {
    throw new Error('postgres://admin:hunter2@10.0.0.5/db refused the connection');
  }),
  tool(
    'hangs',
    (_input, call) => {
      watch(call);
      return new Promise(() => {});
    },
    { deadlineMs: 100 },
  ),
  tool(
    'limited',
    async ({ text }, { client: { id: clientId } }) => ({ text, structured: { text, clientId } }),
    {
      limitPerMinute: 2,
    },
  ),
  tool('progresses', async ({ text }, { client: { id: clientId }, progress, signal }) => {
    const steps = Number(text);
    for (let step = 1; step <= steps; step++) {
      progress(step, steps, `step ${step}`);
      progress(step - 1, steps, 'backwards');
      await sleep(10, undefined, { signal });
    }
    setTimeout(() => progress(steps + 1, steps, 'after the end'), 0);
    return { text, structured: { text, clientId } };
  }),
  tool('refuses', async () => {
    throw new ServiceError('url_refused', { reason: '10.0.0.1 is private' });
  }),
  tool('waits', async ({ text }, call) => {
    const {
      client: { id: clientId },
      signal,
    } = call;
    watch(call);
    await sleep(Number(text), undefined, { signal });
    return { text, structured: { text, clientId } };
  }),
];
