import render from 'dom-serializer';
import type { Document } from 'domhandler';
import { convert } from 'html-to-text';
import { MAX_DEPTH, MAX_ELEMENTS } from './parse.ts';

/** Plain text of a readable document, by html-to-text: no line wrapping, no link targets, no images. */
export function toText(document: Document): string {
  return convert(render(document, { encodeEntities: 'utf8' }), {
    wordwrap: false,
    limits: {
      // One more level, since it parses what was serialized; the bounds themselves were kept when the page was read.
      maxDepth: MAX_DEPTH + 1,
      maxChildNodes: 3 * MAX_ELEMENTS,
      maxInputLength: Number.MAX_SAFE_INTEGER,
    },
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      { selector: 'img', format: 'skip' },
      { selector: 'tr', format: 'block', options: { leadingLineBreaks: 1, trailingLineBreaks: 1 } },
      { selector: 'td', format: 'inlineSurround', options: { suffix: ' ' } },
      { selector: 'th', format: 'inlineSurround', options: { suffix: ' ' } },
      { selector: 'hr', options: { length: 3 } },
      // Without the "> " that each level would put before each line.
      { selector: 'blockquote', format: 'block' },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
    ],
  });
}
