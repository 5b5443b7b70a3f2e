import { isCredentialName, isCredentialParameter } from './credential-names.ts';
import { eachMatch } from './matches.ts';
import type { Span } from './urls.ts';

/** A name with its brackets (`user[token]`), and the separator between it and its value. */
const ASSIGNMENT =
  /(?<![\w.$-])([\w.$-]{1,4096}(?:\[[\w.$-]{0,64}\]){0,4})(["'`\]]{0,2}\s{0,4}(?:=>|[=:])\s{0,4})/g;
const ELEMENT = /<([\w.:-]{1,128})>([^<]{1,4096})/g;

/** Ends of unquoted values. */
const ENDS = {
  /** The end of a parameter of a URL or a form. */
  parameter: /[&#\s"'<>]|$/g,
  /** The end of a matrix parameter, as in `/a;token=x/b`. */
  matrix: /[;/?&#\s"'<>]|$/g,
  text: /[&\s"']|$/g,
  /** The end of a header's value, which may contain quotes. A quoted header ends at the closing quote. */
  header: /[\r\n]|$/g,
} as const;
/** A secret reference, up to the last part of its name (service/secrets/reference.ts). */
const REFERENCE = /(?:^|\s)(?:env|file|aws-secretsmanager|vault|keychain):(?:[^\s]*\/)?$/;
const LINE_END = /[\r\n]/;
const HEADER = /authorization$|cookie2?$/i;

/**
 * Values in a text whose names identify them as credentials, in URLs, forms, JSON, headers, XML and prose.
 *
 * @param paths of the text's URLs, in which a colon separates no name from a value: `/wiki/Key:highway`
 */
export function namedValuesIn(text: string, paths: readonly Span[] = []): readonly Span[] {
  const spans: Span[] = [];
  const inQuery = queryTracker(text);
  let done = 0;
  eachMatch(ASSIGNMENT, text, ({ 0: whole, 1: name = '', 2: operator = '', index }) => {
    if (index < done) return;
    const before = text[index - 1] ?? '';
    // The name ends a secret reference, and the cause of an error follows: `aws-secretsmanager:mcp/api-key: not found`.
    if (/^:\s/.test(operator) && REFERENCE.test(text.slice(Math.max(0, index - 256), index))) return;
    if (operator.trim() === ':' && paths.some(([start, end]) => start <= index && index < end)) return;
    const parameter = /[?&;#]/.test(before) || (index === 0 && operator === '=');
    if (!(parameter ? isCredentialParameter(name) : isCredentialName(name))) return;
    const start = index + whole.length;
    const quote = text[start] ?? '';
    let span: Span;
    if (/["'`]/.test(quote)) span = [start + 1, closing(text, start + 1, quote)];
    else if (!parameter && /[[{]/.test(quote)) span = [start, bracketed(text, start)];
    else {
      const matrix = before === ';' && operator === '=' && !inQuery(index);
      const kind = parameter ? (matrix ? 'matrix' : 'parameter') : HEADER.test(name) ? 'header' : 'text';
      const inQuotes = kind === 'header' && /["'`]/.test(before);
      span = [start, inQuotes ? closing(text, start, before, LINE_END) : endOf(text, start, kind)];
    }
    if (span[1] > span[0]) spans.push(span);
    done = span[1];
  });
  if (!text.includes('<')) return spans;
  eachMatch(ELEMENT, text, ({ 0: whole, 1: name = '', 2: value = '', index }) => {
    const end = index + whole.length;
    if (isCredentialName(name)) spans.push([end - value.length, end]);
  });
  return spans;
}

function endOf(text: string, start: number, kind: keyof typeof ENDS): number {
  const pattern = ENDS[kind];
  pattern.lastIndex = start;
  return pattern.exec(text)?.index ?? text.length;
}

/** Index of the closing quote, or of another end of the value, or of the end of the text. */
function closing(text: string, start: number, quote: string, orElse?: RegExp): number {
  for (let i = start; i < text.length; i++) {
    const character = text[i] ?? '';
    if (character === '\\') i += 1;
    else if (character === quote || orElse?.test(character)) return i;
  }
  return text.length;
}

/** Index after the bracket that closes the one at `start`, or the end of the text. */
function bracketed(text: string, start: number): number {
  let depth = 0;
  for (let i = start; i < text.length; i++) {
    const character = text[i] ?? '';
    if (/["']/.test(character)) i = closing(text, i + 1, character);
    else if (/[[{]/.test(character)) depth += 1;
    else if (/[\]}]/.test(character)) depth -= 1;
    if (depth === 0) return i + 1;
  }
  return text.length;
}

/** Tells, from left to right, whether an index is after a question mark or hash of the same word. */
function queryTracker(text: string): (index: number) => boolean {
  let at = 0;
  let inQuery = false;
  return (index) => {
    for (; at < index; at++) {
      const character = text[at] ?? '';
      if (/[?#]/.test(character)) inQuery = true;
      else if (/[\s"'<>]/.test(character)) inQuery = false;
    }
    return inQuery;
  };
}
