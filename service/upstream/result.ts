import type { CallToolResult, GetPromptResult, ReadResourceResult } from '@modelcontextprotocol/client';
import { ServiceError } from '../errors.ts';
import type { Turn } from '../scrape/page/turns.ts';
import { visibleShort, visibleText } from '../scrape/page/visible-text.ts';

/** Most blocks of content, parts of a resource or messages of a prompt in one result. */
const MAX_BLOCKS = 100;
const MEDIA_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}(?:; ?[\w.+-]{1,64}=[\w.+/-]{1,64}){0,2}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Longest URI, in characters. */
const MAX_URI = 2048;
/** Schemes whose text is the content, or a program. */
const REFUSED_SCHEMES = new Set(['javascript:', 'vbscript:', 'data:', 'blob:']);

type Block = CallToolResult['content'][number];
type Part = ReadResourceResult['contents'][number];

/**
 * The result as clients get it: only the members that the protocol defines, texts without invisible characters, at most
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
  contents: readonly Part[],
  pinned: { readonly uri: string; readonly mimeType: string | undefined },
  turn: Turn,
): Promise<Part[]> {
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
      const { name, title, description } = block;
      const uri = acceptedUri(block.uri);
      if (uri === undefined) return undefined;
      return {
        type: 'resource_link',
        uri,
        name: visibleShort(name),
        ...(title !== undefined && { title: visibleShort(title) }),
        ...(description !== undefined && { description: visibleShort(description) }),
        ...mediaTypeOf(block),
      };
    }
    case 'resource': {
      const resource = await visiblePart(block.resource, turn);
      return resource && { type: 'resource', resource };
    }
    default:
      return undefined;
  }
}

async function visiblePart(part: Part, turn: Turn): Promise<Part | undefined> {
  const uri = acceptedUri(part.uri);
  if (uri === undefined) return undefined;
  if ('text' in part) return { uri, ...mediaTypeOf(part), text: await visibleText(part.text, turn) };
  return BASE64.test(part.blob) ? { uri, ...mediaTypeOf(part), blob: part.blob } : undefined;
}

function mediaTypeOf({ mimeType }: { mimeType?: string | undefined }): { mimeType?: string } {
  return mimeType !== undefined && MEDIA_TYPE.test(mimeType) ? { mimeType } : {};
}

/** @returns undefined if it is no absolute URI, has credentials, or is content or a program instead of a link */
function acceptedUri(given: string): string | undefined {
  const uri = visibleShort(given);
  const url = uri.length > MAX_URI ? null : URL.parse(uri);
  if (url === null || url.username || url.password || REFUSED_SCHEMES.has(url.protocol)) return undefined;
  return uri;
}

function essence(mediaType: string): string {
  return (mediaType.split(';')[0] ?? '').trim().toLowerCase();
}

/** The same of data. JSON has invisible characters only in strings, and without them it is still JSON. */
async function visibleData(data: unknown, turn: Turn) {
  const json = JSON.stringify(data, (_key, value) =>
    typeof value === 'string' ? value.toWellFormed() : value,
  );
  return JSON.parse(await visibleText(json, turn));
}
