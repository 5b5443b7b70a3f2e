import * as z from 'zod';
import type { ServedTool } from '../../../service/mcp/served-tool.ts';
import type { Tool } from '../../../service/tools/tool.ts';
import { type AuditRecord, answerOf, callOf, startApp } from './start-app.ts';
import { entry } from './tokens.ts';

const TOKEN = 'caller-0123456789-abcdefghijklmno';

export interface CallResult {
  /** The text that a model reads. */
  readonly text: string;
  /** The result as data, checked against the output schema; absent without a schema or a successful call. */
  readonly structured: unknown;
  readonly isError: boolean;
  /** The audit record of the call. */
  readonly record: AuditRecord;
}

/**
 * Calls one tool as a client would, through the whole pipeline.
 *
 * @param given a tool, or one as the service starts it: `await startTool(definition)`
 * @param scopes scopes of the client's token. @default - those that the tool needs
 */
export async function callTool<T extends Pick<Tool, 'name' | 'scopes' | 'output'> | ServedTool>(
  given: T,
  input: unknown,
  scopes: readonly string[] = given.scopes,
): Promise<CallResult> {
  const tokenDocument = async () => JSON.stringify({ tokens: [entry(TOKEN, 'caller', [...scopes])] });
  const tool = given as unknown as Tool | ServedTool;
  const output = 'entry' in tool ? schemaOf(tool) : tool.output;
  const name = 'entry' in tool ? tool.entry.name : tool.name;
  const transport = { maxBodyBytes: 256 * 1024 };
  const app = await startApp({ tools: [tool], tokenDocument, transport });
  try {
    const response = await app.post(callOf(name, input), { authorization: `Bearer ${TOKEN}` });
    const { result, error } = await answerOf(response);
    const [record] = await app.audit();
    if (record === undefined) throw new Error('the call has no audit record');
    const structured = result?.structuredContent;
    return {
      text: error?.message ?? result.content.map(({ text }) => text).join('\n'),
      structured: structured && (output?.parse(structured) ?? 'data without an output schema'),
      isError: error !== undefined || result.isError === true,
      record,
    };
  } finally {
    await app.stop();
  }
}

/** The output schema of a served tool, which is JSON. */
function schemaOf({ entry: { outputSchema } }: ServedTool) {
  return outputSchema && z.fromJSONSchema(outputSchema as Parameters<typeof z.fromJSONSchema>[0]);
}
