import { ServiceError } from '../../errors.ts';
import type { Turn } from '../../turns.ts';

/** Bytes in which a `<meta>` may name the encoding (WHATWG HTML §4.2.5.4). */
const PRESCAN_BYTES = 1024;

/** Bytes to decode at once: 2 ms of the slowest encoding, iso-2022-jp. */
const STEP = 64 * 1024;

/**
 * Decodes bytes in the order of browsers: byte order mark, `Content-Type`, `<meta>`, then UTF-8 if the bytes are valid
 * UTF-8, else windows-1252 (WHATWG HTML §13.2.3.2). An unknown encoding name is ignored.
 *
 * @throws ServiceError `content_unsupported` for an encoding that browsers no longer support
 */
export async function decode(
  bytes: Uint8Array,
  contentType: string,
  html: boolean,
  turn: Turn,
): Promise<string> {
  const label =
    byteOrderMark(bytes) ??
    known(/;\s*charset\s*=\s*["']?([^\s"';]{1,40})/i.exec(contentType)?.[1]) ??
    (html ? metaEncoding(bytes) : undefined);
  if (label === 'windows-1252') return decodeWindows1252(bytes, turn);
  if (label !== undefined) return decodeAs(new TextDecoder(label), bytes, turn);
  try {
    return await decodeAs(new TextDecoder('utf-8', { fatal: true }), bytes, turn);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    return decodeWindows1252(bytes, turn);
  }
}

/**
 * @throws `ERR_ENCODING_INVALID_ENCODED_DATA` if the decoder is fatal; a character cut at the end becomes a replacement
 * character in any case
 */
async function decodeAs(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array,
  turn: Turn,
): Promise<string> {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += STEP) {
    if (turn.isOver) await turn.next();
    parts.push(decoder.decode(bytes.subarray(at, at + STEP), { stream: true }));
  }
  try {
    parts.push(decoder.decode());
  } catch {
    parts.push('\ufffd');
  }
  return parts.join('');
}

/**
 * Own implementation, because TextDecoder of several Node releases reads windows-1252 as Latin-1 (nodejs/node#56542).
 */
async function decodeWindows1252(bytes: Uint8Array, turn: Turn): Promise<string> {
  const c1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += STEP) {
    if (turn.isOver) await turn.next();
    const latin1 = Buffer.from(bytes.subarray(at, at + STEP)).toString('latin1');
    parts.push(latin1.replace(/[\u0080-\u009f]/g, (character) => c1.charAt(character.charCodeAt(0) - 0x80)));
  }
  return parts.join('');
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return undefined;
}

function metaEncoding(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, PRESCAN_BYTES))
    .toString('latin1')
    .replace(/<!--.*?(-->|$)/gs, '');
  const label = known(/<meta\s[^>]*charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(head)?.[1]);
  // A `<meta>` that was readable as ASCII cannot be UTF-16, whatever it declares.
  return label?.startsWith('utf-16') ? 'utf-8' : label;
}

/** The encoding's name, or undefined when this runtime does not know the label. */
function known(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  // This label decodes to one replacement character by design: a script could be hidden in it (WHATWG Encoding §14.1).
  if (UNSAFE.test(label)) throw new ServiceError('content_unsupported', { reason: `encoding ${label}` });
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

const UNSAFE = /^(replacement|hz-gb-2312|(cs)?iso-?2022-?(kr|cn(-ext)?))$/i;
