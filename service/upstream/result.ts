import type { CallToolResult } from '@modelcontextprotocol/client';
import { acceptedBlock, type ContentBlock, MAX_BLOCKS } from '../mcp/content-blocks.ts';
import { visibleText } from '../text/visible-text.ts';
import type { Turn } from '../turns.ts';

/**
 * The result as clients get it: only blocks and members that clients may get, texts without invisible characters, at most
 * 100 blocks. Other blocks, metadata and annotations are left out.
 *
 * @throws the reason of the turn's signal
 */
export async function visibleResult(result: CallToolResult, turn: Turn): Promise<CallToolResult> {
  const content: ContentBlock[] = [];
  for (const block of result.content.slice(0, MAX_BLOCKS)) {
    const accepted = acceptedBlock(block);
    if (accepted !== undefined) content.push(await visibleBlock(accepted, turn));
  }
  const { structuredContent } = result;
  return {
    content,
    ...(structuredContent !== undefined && { structuredContent: await visibleData(structuredContent, turn) }),
    ...(result.isError === true && { isError: true }),
  };
}

async function visibleBlock(block: ContentBlock, turn: Turn): Promise<ContentBlock> {
  if (block.type === 'text') return { ...block, text: await visibleText(block.text, turn) };
  if (block.type !== 'resource' || !('text' in block.resource)) return block;
  const text = await visibleText(block.resource.text, turn);
  return { ...block, resource: { ...block.resource, text } };
}

/** The same of data. JSON has invisible characters only in strings, and without them it is still JSON. */
async function visibleData(data: unknown, turn: Turn) {
  const json = JSON.stringify(data, (_key, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return JSON.parse(await visibleText(json, turn));
}
