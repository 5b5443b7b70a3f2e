import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/server/validators/cf-worker';
import type { ToolDefinition } from '../../../service/tools/definition.ts';
import { type StartToolOptions, startTool } from '../../support/start-tool.ts';
import { type AuditRecord, answerOf, callOf, startApp } from './start-app.ts';
import { entry } from './tokens.ts';

const TOKEN = 'caller-0123456789-abcdefghijklmno';

export interface CallOptions extends StartToolOptions {
  /** Scopes of the client's token. @default - those that the tool needs */
  readonly scopes?: readonly string[];
}

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
 * Starts one tool as the service does, and calls it as a client would, through the whole pipeline.
 *
 * @param options the values of the stage, and stand-ins at the network's edge
 */
export async function callTool(
  definition: ToolDefinition,
  input: unknown,
  options: CallOptions = {},
): Promise<CallResult> {
  const tool = await startTool(definition, options);
  const { scopes = tool.scopes } = options;
  const tokenDocument = async () => JSON.stringify({ tokens: [entry(TOKEN, 'caller', [...scopes])] });
  const transport = { maxBodyBytes: 256 * 1024 };
  const app = await startApp({ tools: [tool], tokenDocument, transport });
  try {
    const response = await app.post(callOf(definition.name, input), { authorization: `Bearer ${TOKEN}` });
    const { result, error } = await answerOf(response);
    const [record] = await app.audit();
    if (record === undefined) throw new Error('the call has no audit record');
    const structured = result?.structuredContent;
    const { outputSchema } = tool.entry;
    if (structured !== undefined && outputSchema !== undefined) {
      const { valid, errorMessage } = new CfWorkerJsonSchemaValidator().getValidator(outputSchema)(
        structured,
      );
      if (!valid) throw new Error(`the result does not match the output schema: ${errorMessage}`);
    }
    return {
      text: error?.message ?? result.content.map(({ text }) => text).join('\n'),
      structured,
      isError: error !== undefined || result.isError === true,
      record,
    };
  } finally {
    await app.stop();
  }
}
