import type { CallToolResult, ReadResourceResult } from '@modelcontextprotocol/server';
import { visibleShort } from '../text/visible-text.ts';

export type ContentBlock = CallToolResult['content'][number];
export type ResourcePart = ReadResourceResult['contents'][number];

/** Longest URI, in characters. */
const MAX_URI = 2048;
/** Schemes whose text is the content, or a program. */
const REFUSED_SCHEMES = new Set(['javascript:', 'vbscript:', 'data:', 'blob:']);
/**
 * Schemes of links that a client would open on its own machine: files and shares, views of a browser, and programs of an
 * editor or of Windows that have run commands from a link (CVE-2022-30190).
 */
const OF_THE_CLIENT =
  /^(?:file|filesystem|smb|jar|about|chrome|view-source|vscode(?:-insiders)?|ms-[a-z-]+|search(?:-ms)?|shell):$/;

/** Most blocks of content, parts of a resource or messages of a prompt in one result. */
export const MAX_BLOCKS = 100;

/** Media types that clients show. SVG is none of them: it is a program. */
const SHOWN = {
  image: /^image\/(?:png|jpeg|gif|webp)$/,
  audio: /^audio\/(?:wav|mpeg|mp4|ogg|webm|flac)$/,
};
const MEDIA_TYPE = /^[\w.+-]{1,64}\/[\w.+-]{1,64}(?:; ?[\w.+-]{1,64}=[\w.+/-]{1,64}){0,2}$/;
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
      const { name, title, description } = block;
      const uri = acceptedUri(block.uri);
      if (uri === undefined || OF_THE_CLIENT.test(new URL(uri).protocol)) return undefined;
      return {
        type: 'resource_link',
        uri,
        name: visibleShort(name),
        ...(title !== undefined && { title: visibleShort(title) }),
        ...(description !== undefined && { description: visibleShort(description) }),
        ...mediaTypeOf(block.mimeType),
      };
    }
    case 'resource': {
      const resource = acceptedPart(block.resource);
      return resource && { type: 'resource', resource };
    }
    default:
      return undefined;
  }
}

/** The same for a part of a resource. */
export function acceptedPart(part: ResourcePart): ResourcePart | undefined {
  const uri = acceptedUri(part.uri);
  if (uri === undefined) return undefined;
  const known = { uri, ...mediaTypeOf(part.mimeType) };
  if ('text' in part) return { ...known, text: part.text.toWellFormed() };
  return isBase64(part.blob) ? { ...known, blob: part.blob } : undefined;
}

/** @returns undefined if it is no absolute URI, has credentials, or is content or a program instead of a link */
function acceptedUri(given: string): string | undefined {
  const uri = visibleShort(given);
  const url = uri.length > MAX_URI ? null : URL.parse(uri);
  if (url === null || url.username || url.password || REFUSED_SCHEMES.has(url.protocol)) return undefined;
  return uri;
}

function isBase64(data: string): boolean {
  return data.length % 4 === 0 && BASE64.test(data);
}

function mediaTypeOf(mimeType: string | undefined): { readonly mimeType?: string } {
  return mimeType !== undefined && MEDIA_TYPE.test(mimeType) ? { mimeType } : {};
}
