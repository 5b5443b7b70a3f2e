import type { CallToolResult } from '@modelcontextprotocol/server';
import { visibleShort } from '../text/visible-text.ts';

export type ContentBlock = CallToolResult['content'][number];

/** Most blocks of content in one result. */
export const MAX_BLOCKS = 100;

/** Media types that clients show. SVG is none of them: it is a program. */
const SHOWN = {
  image: /^image\/(?:png|jpeg|gif|webp)$/,
  audio: /^audio\/(?:wav|mpeg|mp4|ogg|webm|flac)$/,
};
const MEDIA_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * A block as clients may get it: only the members that the protocol defines, known media types, short texts without
 * invisible characters, long texts well formed.
 *
 * @returns undefined for a block that clients could not use
 */
export function acceptedBlock(block: ContentBlock): ContentBlock | undefined {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text.toWellFormed() };
    case 'image':
    case 'audio': {
      const { type, data, mimeType } = block;
      return SHOWN[type].test(mimeType) && isBase64(data) ? { type, data, mimeType } : undefined;
    }
    case 'resource_link': {
      const { uri, name, title, description } = block;
      return {
        type: 'resource_link',
        uri: visibleShort(uri),
        name: visibleShort(name),
        ...(title !== undefined && { title: visibleShort(title) }),
        ...(description !== undefined && { description: visibleShort(description) }),
        ...mediaTypeOf(block.mimeType),
      };
    }
    case 'resource': {
      const { resource } = block;
      const known = { uri: visibleShort(resource.uri), ...mediaTypeOf(resource.mimeType) };
      if ('text' in resource) {
        return { type: 'resource', resource: { ...known, text: resource.text.toWellFormed() } };
      }
      return isBase64(resource.blob)
        ? { type: 'resource', resource: { ...known, blob: resource.blob } }
        : undefined;
    }
    default:
      return undefined;
  }
}

function isBase64(data: string): boolean {
  return data.length % 4 === 0 && BASE64.test(data);
}

function mediaTypeOf(mimeType: string | undefined): { readonly mimeType?: string } {
  return mimeType !== undefined && MEDIA_TYPE.test(mimeType) ? { mimeType } : {};
}
