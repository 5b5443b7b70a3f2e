import { eachMatch } from './matches.ts';
import type { Span } from './urls.ts';
import { VENDOR } from './vendor-tokens.ts';

// Each pattern starts at the start of a run of its characters, or at a fixed word, so that no text takes quadratic
// time.
const SLACK_HOOK = /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/+-]{20,4096}/g;
/** No known shape, but no person types such runs: hex as long as a digest, or long mixed case with digits. */
const HEX = /(?<![0-9a-z])[0-9a-f]{32,4096}(?![0-9a-z])/gi;
const MIXED = /(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{32,4096}={0,2}/g;
/** Standard base64 of 30 bytes, like an AWS secret access key, and of 48 or more. File paths rarely match. */
const BASE64 =
  /(?<![\w+/.-])(?=[A-Za-z0-9+/]*\d)(?=[A-Za-z0-9+/]*[A-Z])(?:[A-Za-z0-9+/]{64,4096}={0,2}|[A-Za-z0-9+/]{40})(?![\w+/-])/g;

/** In a text with one of these words, any 40 such characters are an AWS secret access key. */
const AWS_WORDS = /aws_?secret|credential|secret[ _-]?(?:access[ _-]?)?key|set-awscredential/i;
const AWS_SECRET = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+=]{40}(?![A-Za-z0-9/+=])/g;
/** A private key, including OpenSSH's, PGP's and one without an end. */
const PEM =
  /-{4,5} ?BEGIN [\w -]{0,100}?PRIVATE KEY(?: BLOCK)? ?-{4,5}[\s\S]*?(?:-{4,5} ?END [\w -]{0,100}?PRIVATE KEY(?: BLOCK)? ?-{4,5}|$)/g;
const PUTTY = /PuTTY-User-Key-File-\d[\s\S]*/g;
/** Values of the `Authorization` header in any text; bearer tokens as broadly as the log group masks them. */
const SCHEMES: readonly RegExp[] = [
  /bearer[\s+]{1,8}[\w.~+/=-]{8,4096}/gi,
  /(?<![A-Za-z])(?:[Bb]asic|BASIC)[\s+]{1,8}(?=[A-Za-z0-9+/]*[A-Z0-9])[A-Za-z0-9+/]{8,4096}={0,2}/g,
];
/** A part of a JWT or JWE that is followed by another. */
const PART = /(?<![\w-])[\w-]{11,4096}(?=\.)/g;
const MORE_PARTS = /(?:\.[\w-]{0,4096}){1,4}/y;

/** Kinds without a vendor's form, recognized only by length and characters. */
type Unknown = 'base64' | 'hex' | 'mixed';

export interface Found {
  readonly span: Span;
  /**
   * How certain the match is. `masked` is replaced everywhere, because the log group would mask it too. `token` is
   * replaced everywhere except in hosts of URLs. Other kinds are also kept where they look like a path (`isOfPath`).
   */
  readonly kind: 'masked' | 'token' | Unknown;
}

/** A credential is recognized by its length only in such a run. */
const LONG_RUN = /[\w+/=-]{32}/;

/** Finds everything in a text that has the form of a credential, in linear time. */
export function tokensIn(text: string): readonly Found[] {
  const found: Found[] = [];
  const take = (pattern: RegExp, kind: Found['kind']) =>
    eachMatch(pattern, text, ({ 0: token, index }) => {
      found.push({ span: [index, index + token.length], kind });
    });
  // A word is searched first, because nearly every text lacks it.
  if (text.includes('KEY')) take(PEM, 'masked');
  if (text.includes('PuTTY')) take(PUTTY, 'masked');
  for (const pattern of SCHEMES) take(pattern, 'masked');
  if (text.includes('hooks.slack.com')) take(SLACK_HOOK, 'token');
  take(VENDOR, 'token');
  if (LONG_RUN.test(text)) {
    take(HEX, 'hex');
    take(MIXED, 'mixed');
    take(BASE64, 'base64');
    if (AWS_WORDS.test(text)) take(AWS_SECRET, 'masked');
  }
  if (text.includes('eyJ')) {
    eachMatch(PART, text, ({ 0: part, index }) => {
      const start = part.indexOf('eyJ');
      if (start < 0 || part.length - start < 11) return;
      MORE_PARTS.lastIndex = index + part.length;
      const rest = MORE_PARTS.exec(text)?.[0] ?? '';
      // At least four characters, or the empty key of a JWE and the part after it.
      if (!/^\.(?:[\w-]{4}|\.[\w-])/.test(rest)) return;
      found.push({ span: [index + start, index + part.length + rest.length], kind: 'masked' });
    });
  }
  return found;
}

/**
 * Whether a match is more likely a part of a URL's path than a credential: several segments, the id of a commit (40
 * hexadecimal digits in lower case), or words with hyphens between them.
 */
export function isOfPath(kind: Found['kind'], text: string): boolean {
  if (kind === 'base64') return text.includes('/');
  if (kind === 'hex') return /^[0-9a-f]{40}$/.test(text);
  return kind === 'mixed' && !isRandom(text);
}

/**
 * Whether a run is random and not made of words: it has 32 characters without a hyphen or underscore, or it changes
 * between cases and digits at a quarter of its characters or more. Random base64 changes at 45 of 100.
 */
function isRandom(text: string): boolean {
  if (/[^\W_]{32}/.test(text)) return true;
  const changes = text.match(/[a-z](?=[A-Z\d])|[A-Z](?=\d)|\d(?=[A-Za-z])/g) ?? [];
  return changes.length >= text.length / 4;
}
