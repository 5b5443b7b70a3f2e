import type { CallToolResult } from '@modelcontextprotocol/server';
import { ServiceError } from '../errors.ts';
import type { Tool, ToolResult } from '../tools/tool.ts';
import { acceptedBlock, type ContentBlock, MAX_BLOCKS } from './content-blocks.ts';

/**
 * Largest result of a tool in bytes: text, data, and blocks, before JSON adds escapes. The largest page has less: 2 MiB,
 * and half as much again when its encoding is more compact than UTF-8.
 */
export const MAX_RESULT_BYTES = 4 * 1024 * 1024;

/**
 * A tool's output as a protocol result.
 *
 * @throws ServiceError `internal_error` when it does not match the tool's own definition, `result_not_accepted` when it
 * has content that clients could not use, or too much of it
 */
export function resultOf({ output }: Pick<Tool, 'output'>, result: ToolResult<unknown>): CallToolResult {
  const { text, structured, content: more = [] } = result;
  const isData = typeof structured === 'object' && structured !== null;
  // A client that knows the output schema refuses a result without data, and one without a schema cannot use data.
  if (typeof text !== 'string' || (output === undefined ? structured !== undefined : !isData)) {
    const cause = new Error(
      'Invalid tools/call result: text must be a string, and structured an object where the tool has an output schema',
    );
    throw new ServiceError('internal_error', { reason: cause.message, cause });
  }
  if (more.length >= MAX_BLOCKS) throw refused(`${more.length + 1} blocks, at most ${MAX_BLOCKS}`);
  const content = [
    ...(text !== '' || more.length === 0 ? [{ type: 'text' as const, text: text.toWellFormed() }] : []),
    ...more.map((block, index) => accepted(block as ContentBlock, index)),
  ];
  // Text alone is the most common result, and the only large one.
  const bytes =
    content.reduce((sum, block) => sum + bytesOf(block), 0) + (isData ? jsonBytes(structured) : 0);
  if (bytes > MAX_RESULT_BYTES) throw refused(`${bytes} bytes, at most ${MAX_RESULT_BYTES}`);
  return isData ? { content, structuredContent: structured as Record<string, unknown> } : { content };
}

function accepted(block: ContentBlock, index: number): ContentBlock {
  let kept: ContentBlock | undefined;
  try {
    kept = acceptedBlock(block);
  } catch {
    // A member is missing, or of another type.
  }
  if (kept === undefined) {
    throw refused(`block ${index} is not an image, a sound or a resource that clients accept`);
  }
  return kept;
}

function bytesOf(block: ContentBlock): number {
  return block.type === 'text' ? Buffer.byteLength(block.text) : jsonBytes(block);
}

/** @throws ServiceError for data that JSON cannot have, such as a cycle */
function jsonBytes(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch (cause) {
    throw new ServiceError('result_not_accepted', { reason: 'data that JSON cannot have', cause });
  }
}

function refused(reason: string): ServiceError {
  return new ServiceError('result_not_accepted', { reason });
}
