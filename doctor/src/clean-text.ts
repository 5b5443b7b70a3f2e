import { redactText } from '../../service/logging/redact-text.ts';

/** Control characters, which start escape sequences; invisible and direction-changing characters; lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu;
/** Shortest part of a token that is also searched for: a JWT's claims and signature are as secret as the whole. */
const MIN_PART_LENGTH = 16;

/** Characters of a text that are searched: more than are ever shown, and fewer than `redactText` accepts. */
const MAX_SEARCHED = 2048;

/** Makes text from a server safe to print: one line of limited length, without control characters or secrets. */
export type CleanText = (text: string, maxLength?: number) => string;

export interface TextCleaner {
  readonly clean: CleanText;
  /** Removes only the known secrets, so that checks see the rest of a response unchanged. */
  readonly redact: (text: string) => string;
}

/**
 * Removes the known secrets, and any text that looks like a secret by the rules of the service's own log.
 *
 * @param secrets texts that must not be printed, in any encoding that a server may use
 */
export function createTextCleaner(secrets: readonly string[]): TextCleaner {
  const needles = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => {
      const bytes = Buffer.from(secret);
      const parts = secret.split('.').filter((part) => part.length >= MIN_PART_LENGTH);
      const encoded = [bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')];
      return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...encoded, ...parts];
    })
    .sort((a, b) => b.length - a.length);
  const redact = (text: string) => needles.reduce((rest, needle) => rest.replaceAll(needle, '[token]'), text);
  return {
    redact,
    clean(text, maxLength = 400) {
      // Join the pieces first, so that characters in between do not hide a secret.
      const joined = text.replace(UNSAFE, '');
      const known = redact(joined);
      const start = startOf(known);
      const inPieces = known !== joined || redactText(start) !== start;
      const shown = inPieces ? start : startOf(redact(text.replace(UNSAFE, ' ')));
      const plain = decoded(shown);
      const line = redactText(redactText(plain) === plain ? shown : plain).trim();
      return line.length > maxLength
        ? `${line.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
        : line;
    },
  };
}

/** Decodes the escapes of JSON and URLs, which would hide a secret. */
function decoded(text: string): string {
  const decode = (run: string) => Buffer.from(run.replaceAll('%', ''), 'hex').toString();
  return text
    .replaceAll('\\"', '"')
    .replace(/(?:%[0-9a-f]{2}){1,512}/gi, decode)
    .replace(UNSAFE, ' ');
}

/** The part of a text that is searched for unknown secrets. Drops the last word of a cut text: it may be half a secret. */
function startOf(text: string): string {
  return text.length <= MAX_SEARCHED ? text : text.slice(0, MAX_SEARCHED).replace(/\S{1,256}$/, '');
}
