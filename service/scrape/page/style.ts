/**
 * Longest `style` attribute that is read, in characters. Real ones have a few hundred; those of 10 Ki and more contain
 * pictures as `data:` URLs.
 */
const MAX_STYLE = 64 * 1024;

/** Longest value to keep, in characters, without pictures and strings. */
export const MAX_VALUE = 1024;

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

/** Receives the declarations in order; names and values are in lower case, without escapes, comments and strings. */
export type OnDeclaration = (name: string, value: string, important: boolean) => void;

/**
 * Reads a `style` attribute as browsers do, including error recovery (CSS Syntax Level 3, §5.4): comments, strings,
 * escapes (`d\69splay`) and brackets may contain a semicolon, and an invalid declaration does not affect others.
 * Linear.
 *
 * @returns false for a style longer than 64 Ki characters, which is not read
 */
export function readStyle(style: string, on: OnDeclaration): boolean {
  if (style.length > MAX_STYLE) return false;
  const open: string[] = [];
  let name = '';
  let value: string | undefined;

  function end(): void {
    if (value !== undefined) {
      const plain = value.trim().toLowerCase();
      const rest = plain.replace(/ ?! ?important$/, '');
      on(name.trim().toLowerCase(), rest, rest !== plain);
    }
    name = '';
    value = undefined;
  }
  function add(text: string): void {
    const so = value ?? name;
    // Blanks collapse, so that they do not use up the space of the rest.
    if (so.length >= MAX_VALUE || (text === ' ' && so.endsWith(' '))) return;
    if (value === undefined) name += text;
    else value += text;
  }

  for (const [token] of style.matchAll(TOKEN)) {
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
