import type { CallToolResult, GetPromptResult } from '@modelcontextprotocol/client';
import { ServiceError } from '../errors.ts';
import {
  acceptedBlock,
  acceptedPart,
  type ContentBlock,
  MAX_BLOCKS,
  type ResourcePart,
} from '../mcp/content-blocks.ts';
import { visibleJson, visibleShort, visibleText } from '../text/visible-text.ts';
import type { Turn } from '../turns.ts';

/**
 * The result as clients get it: only blocks and members that clients may get, texts without invisible characters, at most
 * 100 blocks. Other blocks, metadata and annotations are left out.
 *
 * @throws the reason of the turn's signal
 */
export async function visibleResult(result: CallToolResult, turn: Turn): Promise<CallToolResult> {
  const content = await eachVisible(result.content, (block) => visibleBlock(block, turn));
  const { structuredContent } = result;
  return {
    content,
    ...(structuredContent !== undefined && { structuredContent: await visibleData(structuredContent, turn) }),
    ...(result.isError === true && { isError: true }),
  };
}

/**
 * The contents of a resource, likewise. A part of the requested URI must have the pinned media type, if one is pinned.
 *
 * @throws ServiceError `result_not_accepted` if it has another; the reason of the turn's signal
 */
export async function visibleContents(
  contents: readonly ResourcePart[],
  pinned: { readonly uri: string; readonly mimeType: string | undefined },
  turn: Turn,
): Promise<ResourcePart[]> {
  return eachVisible(contents, async (part) => {
    const kept = await visiblePart(part, turn);
    if (kept === undefined || kept.uri !== pinned.uri || pinned.mimeType === undefined) return kept;
    if (part.mimeType !== undefined && essence(part.mimeType) !== essence(pinned.mimeType)) {
      const reason = `the content is ${visibleShort(part.mimeType)}, pinned is ${pinned.mimeType}`;
      throw new ServiceError('result_not_accepted', { reason });
    }
    return { ...kept, mimeType: pinned.mimeType };
  });
}

/** The messages of a prompt, likewise. */
export async function visibleMessages(
  messages: GetPromptResult['messages'],
  turn: Turn,
): Promise<GetPromptResult['messages']> {
  return eachVisible(messages, async ({ role, content }) => {
    const kept = await visibleBlock(content, turn);
    return kept && { role, content: kept };
  });
}

async function eachVisible<T>(
  items: readonly T[],
  visible: (item: T) => Promise<T | undefined>,
): Promise<T[]> {
  const all: T[] = [];
  for (const item of items.slice(0, MAX_BLOCKS)) {
    const kept = await visible(item);
    if (kept !== undefined) all.push(kept);
  }
  return all;
}

async function visibleBlock(block: ContentBlock, turn: Turn): Promise<ContentBlock | undefined> {
  if (block.type === 'resource') {
    const resource = await visiblePart(block.resource, turn);
    return resource && { type: 'resource', resource };
  }
  const accepted = acceptedBlock(block);
  return accepted?.type === 'text' ? { ...accepted, text: await visibleText(accepted.text, turn) } : accepted;
}

async function visiblePart(part: ResourcePart, turn: Turn): Promise<ResourcePart | undefined> {
  const accepted = acceptedPart(part);
  if (accepted === undefined || !('text' in accepted)) return accepted;
  return { ...accepted, text: await visibleText(accepted.text, turn) };
}

function essence(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}

/** The same of data. */
async function visibleData(data: unknown, turn: Turn) {
  const json = JSON.stringify(data, (_key, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return JSON.parse(await visibleJson(json, turn));
}
