import { eachMatch } from './matches.ts';

/** Positions of the parts of an absolute URL in a text. */
export interface UrlParts {
  /** User and password, without the `@`; absent when there are none. */
  readonly userinfo?: Span;
  /** Host and port. */
  readonly host: Span;
  /** Absent for a reference without a scheme. */
  readonly path?: Span;
}

/** First index, and the one after the last. */
export type Span = readonly [start: number, end: number];

const AUTHORITY = /([a-z][a-z0-9+.-]{0,30}:)?\/\/([^/?#\s\\]*)/gi;
/** A host that cannot occur in a URL: the text after its colon is not a port. */
const HOST_AND_PORT = /^(?:\[[^\]]*\]|[^:]*)(?::\d*)?$/;

/**
 * Finds URLs, with or without a scheme, and their user information and hosts, as URL parsers see them: an `@` after the
 * first slash, question mark or hash belongs to the path. Only if that leaves no host (a password with an unescaped
 * slash), everything before the last `@` counts as user information.
 */
export function urlsIn(text: string): readonly UrlParts[] {
  const urls: UrlParts[] = [];
  if (!text.includes('//')) return urls;
  const lastAt = bySpace(text, /[?#\s]/g, (part) => part.lastIndexOf('@'));
  const pathEnd = bySpace(text, /[?#\s"'<>]/g, (part) => part.length);
  eachMatch(AUTHORITY, text, ({ 0: whole, 1: scheme, 2: authority = '', index }) => {
    const end = index + whole.length;
    const start = end - authority.length;
    let at = start + authority.lastIndexOf('@');
    if (at < start && !HOST_AND_PORT.test(authority)) at = lastAt(end);
    const host = at < start ? ([start, end] as const) : ([at + 1, Math.max(end, at + 1)] as const);
    urls.push({
      host,
      ...(at < start ? {} : { userinfo: [start, at] as const }),
      ...(scheme === undefined ? {} : { path: [host[1], pathEnd(host[1])] as const }),
    });
  });
  return urls;
}

/**
 * Looks something up in the part of a text between two delimiters. Queried from left to right, it scans the text once.
 *
 * @param find index within a part, below zero for nothing
 * @returns index in the text, or -1, of the result in the part around an index
 */
function bySpace(text: string, delimiter: RegExp, find: (part: string) => number) {
  let end = -1;
  let found = -1;
  return (index: number): number => {
    if (index > end) {
      delimiter.lastIndex = index;
      end = delimiter.exec(text)?.index ?? text.length;
      const inPart = find(text.slice(index, end));
      found = inPart < 0 ? -1 : index + inPart;
    }
    return found < index ? -1 : found;
  };
}
