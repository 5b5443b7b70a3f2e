/** Controls and escape sequences' first characters, invisible and direction-changing characters, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]+/gu;
/** Parts of a token that are looked for as well: a JWT's claims and signature say as much as the whole. */
const MIN_PART_LENGTH = 16;

/** Makes text of a server fit to be shown: one line, nothing a terminal obeys, no secret, bounded. */
export type CleanText = (text: string, maxLength?: number) => string;

export interface TextCleaner {
  readonly clean: CleanText;
  /** Takes the secrets out and nothing else. */
  readonly redact: (text: string) => string;
}

/** @param secrets what may be shown nowhere, in no encoding that a server may give it */
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
      // Before it is cut, lest a part of a token be left; and joined, lest one be told in pieces.
      const joined = text.replace(UNSAFE, '');
      const whole = redact(joined) === joined ? text.replace(UNSAFE, ' ') : redact(joined);
      const line = whole.trim();
      return line.length > maxLength
        ? `${line.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
        : line;
    },
  };
}
