import { redactText } from '../../service/logging/redact-text.ts';

/** Controls and escape sequences' first characters, invisible and direction-changing characters, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu;
/** Parts of a token that are looked for as well: a JWT's claims and signature say as much as the whole. */
const MIN_PART_LENGTH = 16;

/** Characters of a text that are searched; more than any that is shown, and less than `redactText` bounds to. */
const MAX_SEARCHED = 2048;

/** Makes text of a server fit to be shown: one line, nothing a terminal obeys, no secret, bounded. */
export type CleanText = (text: string, maxLength?: number) => string;

export interface TextCleaner {
  readonly clean: CleanText;
  /** Takes the known secrets out and nothing else: what a check looks at must stay what came. */
  readonly redact: (text: string) => string;
}

/**
 * Besides the secrets that are known, whatever looks like one is taken out, by the very rules of the service's own log.
 *
 * @param secrets what may be shown nowhere, in no encoding that a server may give it
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
      // Joined, lest a secret be told in pieces.
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

/** Without what JSON and URLs put before quotes and blanks, behind which a secret would not be seen. */
function decoded(text: string): string {
  const decode = (run: string) => Buffer.from(run.replaceAll('%', ''), 'hex').toString();
  return text
    .replaceAll('\\"', '"')
    .replace(/(?:%[0-9a-f]{2}){1,512}/gi, decode)
    .replace(UNSAFE, ' ');
}

/** What is searched for secrets that are not known; the end of a cut is left out, for it may be the start of one. */
function startOf(text: string): string {
  return text.length <= MAX_SEARCHED ? text : text.slice(0, MAX_SEARCHED).replace(/\S{1,256}$/, '');
}
