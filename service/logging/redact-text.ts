import { namedValuesIn } from './named-values.ts';
import { isOfPath, tokensIn } from './token-shapes.ts';
import { type Span, urlsIn } from './urls.ts';
import { viewsOf } from './views.ts';

export const REDACTED = '[REDACTED]';

/** Longest text that is searched, in characters; the rest is cut off, so it cannot leak either. */
export const MAX_SEARCHED = 4 * 1024;
/** Shorter texts cannot have a credential's form, and can name a credential only with one of these marks or its escape. */
const LEAST = 14;
const MARKS = /[=:@%\\&<]|[^\t\n\r\x20-\x7e]/;
/** The rest of a text may look like a credential in turn. A second pass finds it; a third finds nothing more. */
const MAX_LOOKS = 3;

/**
 * Replaces everything in the text that looks like a credential, by form, by name or as the user information of
 * a URL, however it is encoded. Hosts of URLs stay. Bounded to 4 KiB, in linear time.
 */
export function redactText(text: string): string {
  if (text.length < LEAST && !MARKS.test(text)) return text;
  let safe = text.slice(0, MAX_SEARCHED);
  for (let look = 0; look < MAX_LOOKS; look++) {
    const next = withoutSpans(safe, secretsIn(safe));
    if (next === safe) break;
    safe = next;
  }
  return safe;
}

/** Positions of credentials in a text, in no order. */
function secretsIn(text: string): Span[] {
  const spans: Span[] = [];
  for (const { text: seen, from } of viewsOf(text)) {
    const add = ([start, end]: Span) => {
      spans.push(from === undefined ? [start, end] : [from[start] ?? 0, from[end] ?? text.length]);
    };
    const urls = urlsIn(seen);
    for (const { userinfo } of urls) if (userinfo !== undefined) add(userinfo);
    const paths = urls.flatMap(({ path }) => (path === undefined ? [] : [path]));
    for (const span of namedValuesIn(seen, paths)) add(span);
    for (const { span, kind } of tokensIn(seen)) {
      // Without a scheme, `//` may be part of a token.
      const spared =
        kind !== 'masked' &&
        urls.some(
          ({ host, path }) =>
            path !== undefined &&
            (overlap(span, host) || (overlap(span, path) && isOfPath(kind, seen.slice(...span)))),
        );
      if (!spared) add(span);
    }
  }
  return spans;
}

function overlap([start, end]: Span, other: Span): boolean {
  return start < other[1] && other[0] < end;
}

function withoutSpans(text: string, spans: Span[]): string {
  if (spans.length === 0) return text;
  spans.sort(([a], [b]) => a - b);
  let safe = '';
  let done = 0;
  let redactedTo = -1;
  for (const [start, end] of spans) {
    if (start > redactedTo) {
      safe += text.slice(done, start) + REDACTED;
      redactedTo = end;
    }
    redactedTo = Math.max(redactedTo, end);
    done = redactedTo;
  }
  return safe + text.slice(done);
}
