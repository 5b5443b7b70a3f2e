import type { CallToolResult } from '@modelcontextprotocol/client';
import type { Turn } from '../scrape/page/turns.ts';
import { visibleShort, visibleText } from '../scrape/page/visible-text.ts';

/** Most blocks of content in one result. */
const MAX_BLOCKS = 100;
const MEDIA_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

type Block = CallToolResult['content'][number];

/**
 * The result as clients get it: only the members that the protocol defines, texts without invisible characters, at most
 * 100 blocks. Other blocks, metadata and annotations are left out.
 *
 * @throws the reason of the turn's signal
 */
export async function visibleResult(result: CallToolResult, turn: Turn): Promise<CallToolResult> {
  const content: Block[] = [];
  for (const block of result.content.slice(0, MAX_BLOCKS)) {
    const kept = await visibleBlock(block, turn);
    if (kept !== undefined) content.push(kept);
  }
  const { structuredContent } = result;
  return {
    content,
    ...(structuredContent !== undefined && { structuredContent: await visibleData(structuredContent, turn) }),
    ...(result.isError === true && { isError: true }),
  };
}

async function visibleBlock(block: Block, turn: Turn): Promise<Block | undefined> {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: await visibleText(block.text, turn) };
    case 'image':
    case 'audio': {
      const { type, data, mimeType } = block;
      return MEDIA_TYPE.test(mimeType) && BASE64.test(data) ? { type, data, mimeType } : undefined;
    }
    case 'resource_link': {
      const { uri, name, title, description, mimeType } = block;
      return {
        type: 'resource_link',
        uri: visibleShort(uri),
        name: visibleShort(name),
        ...(title !== undefined && { title: visibleShort(title) }),
        ...(description !== undefined && { description: visibleShort(description) }),
        ...(mimeType !== undefined && MEDIA_TYPE.test(mimeType) && { mimeType }),
      };
    }
    case 'resource': {
      const { resource } = block;
      const uri = visibleShort(resource.uri);
      const media = resource.mimeType !== undefined && MEDIA_TYPE.test(resource.mimeType);
      const mimeType = media ? { mimeType: resource.mimeType } : {};
      if ('text' in resource) {
        return {
          type: 'resource',
          resource: { uri, ...mimeType, text: await visibleText(resource.text, turn) },
        };
      }
      return BASE64.test(resource.blob)
        ? { type: 'resource', resource: { uri, ...mimeType, blob: resource.blob } }
        : undefined;
    }
    default:
      return undefined;
  }
}

/** The same of data. JSON has invisible characters only in strings, and without them it is still JSON. */
async function visibleData(data: unknown, turn: Turn) {
  const json = JSON.stringify(data, (_key, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return JSON.parse(await visibleText(json, turn));
}
