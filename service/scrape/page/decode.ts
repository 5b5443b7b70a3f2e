import sniff from 'html-encoding-sniffer';
import { ServiceError } from '../../errors.ts';

/**
 * Bytes to text by the order browsers use: byte order mark, `Content-Type`, `<meta>` in the first 1024 bytes, and
 * then UTF-8 where the bytes are UTF-8, else windows-1252 (WHATWG HTML §13.2.3).
 *
 * @throws ServiceError `content_unsupported` for an encoding this runtime does not know
 */
export function decode(bytes: Uint8Array, contentType: string, html: boolean): string {
  const [, label] = /;\s*charset\s*=\s*["']?([^\s"';]{1,40})/i.exec(contentType) ?? [];
  const options = {
    // Only HTML has a meta element; its type description does not know this option of the sniffer yet.
    xml: !html,
    transportLayerEncodingLabel: label,
    defaultEncoding: isUtf8(bytes) ? 'UTF-8' : 'windows-1252',
  };
  const encoding = sniff(bytes, options);
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    throw new ServiceError('content_unsupported', { reason: `encoding ${encoding}` });
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    // As a stream, so that a character cut in two at the size bound is not an error.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** The longest start of a text that is no longer than `maxBytes` in UTF-8; no character is cut in two. */
export function cut(text: string, maxBytes: number): { readonly text: string; readonly truncated: boolean } {
  if (text.length * 3 <= maxBytes) return { text, truncated: false };
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes));
  return { text: text.slice(0, read), truncated: read < text.length };
}
