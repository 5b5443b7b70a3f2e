/**
 * Longest `style` attribute that is read, in characters. Real ones have a few hundred; those of 10 Ki and more contain
 * pictures as `data:` URLs.
 */
const MAX_STYLE = 64 * 1024;
/** Maximum tokens of one attribute (`TOKEN`): about 1 ms. */
const MAX_TOKENS = 4096;

/** Maximum characters of one value to keep, without pictures and strings. */
export const MAX_STYLE_VALUE = 1024;

/**
 * One token of a declaration list: a comment, a string, an unquoted URL, an escape, blanks, a run of plain characters,
 * or any other character.
 */
const TOKEN =
  /\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/)?|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|url\(\s*(?!["'\s])(?:[^)\\]|\\.)*\)?|\\(?:[0-9a-f]{1,6}\s?|.)|\s+|[a-tv-z0-9.#%,_-]+|./gisy;

/** The closing character of each bracket. */
const CLOSING = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/**
 * Receives the declarations in order, without escapes, comments and strings. Names are in lower case, except names of
 * custom properties, which are case-sensitive. Values keep their case.
 */
export type OnDeclaration = (name: string, value: string, important: boolean) => void;

/**
 * Reads a `style` attribute as browsers do, including error recovery (CSS Syntax Level 3, §5.4): comments, strings,
 * escapes (`d\69splay`) and brackets may contain a semicolon, and an invalid declaration does not affect others.
 * Linear.
 *
 * @returns false for a style of more than 64 Ki characters or 4096 steps
 */
export function readStyle(style: string, on: OnDeclaration): boolean {
  if (style.length > MAX_STYLE) return false;
  const open: string[] = [];
  let name = '';
  let value: string | undefined;

  function end(): void {
    if (value !== undefined) {
      const plain = value.trim();
      const rest = plain.replace(/ ?! ?important$/i, '');
      const property = name.trim();
      on(property.startsWith('--') ? property : property.toLowerCase(), rest, rest !== plain);
    }
    name = '';
    value = undefined;
  }
  function add(text: string): void {
    const so = value ?? name;
    // A run of blanks becomes one blank, so that blanks cannot use up the characters of a value.
    if (text === ' ' && so.endsWith(' ')) return;
    const piece = text.slice(0, MAX_STYLE_VALUE - so.length);
    if (value === undefined) name += piece;
    else value += piece;
  }

  let tokens = 0;
  for (const [token] of style.matchAll(TOKEN)) {
    tokens += 1;
    if (tokens > MAX_TOKENS) return false;
    if (token.startsWith('/*') || /^\s/.test(token)) add(' ');
    else if (/^url\(/i.test(token)) add('url()');
    else if (/^["']/.test(token)) add('""');
    else if (token.startsWith('\\')) add(decodeEscape(token));
    else if (token === ';' && open.length === 0) end();
    else if (token === ':' && open.length === 0 && value === undefined) value = '';
    else {
      add(token);
      const closing = CLOSING.get(token);
      if (closing !== undefined) open.push(closing);
      else if (token === open.at(-1)) {
        open.pop();
        // A nested rule ends with its block: a declaration may follow without a semicolon.
        if (token === '}' && open.length === 0) end();
      }
    }
  }
  end();
  return true;
}

function decodeEscape(token: string): string {
  const hex = /^\\([0-9a-f]+)/i.exec(token)?.[1];
  if (hex === undefined) return token.slice(1);
  const code = Number.parseInt(hex, 16);
  return code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
}
