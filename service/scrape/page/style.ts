/**
 * Characters of a `style` attribute that are looked at. Real ones have a few hundred; those of some 10 Ki carry pictures
 * as `data:` URLs.
 */
const MAX_STYLE = 64 * 1024;

/** Characters kept of one value, pictures and strings left out. */
export const MAX_VALUE = 1024;

/**
 * One step over a declaration list: a comment, a string, an unquoted URL, an escape, blanks, a run of plain characters,
 * or any other character.
 */
const TOKEN =
  /\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/)?|"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|url\(\s*(?!["'\s])(?:[^)\\]|\\.)*\)?|\\(?:[0-9a-f]{1,6}\s?|.)|\s+|[a-tv-z0-9.#%,_-]+|./gisy;

/** Which character closes a bracket. */
const CLOSING = new Map([
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);

/** Takes the declarations in their order; names and values are in lower case, without escapes, comments and strings. */
export type OnDeclaration = (name: string, value: string, important: boolean) => void;

/**
 * Reads a `style` attribute as browsers do, errors included (CSS Syntax Level 3, §5.4): comments, strings, escapes
 * (`d\69splay`) and brackets hide a semicolon, and one bad declaration leaves the others as they are. Linear.
 *
 * @returns false for a style that is longer than 64 Ki characters, of which nothing is read
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
    // Blanks are one blank, so that none of them takes the place of the rest.
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
