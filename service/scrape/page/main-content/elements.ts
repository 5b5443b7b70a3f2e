import type { Element } from 'domhandler';

const UNSEEN = new Set(
  (
    'head title script style noscript template iframe object embed applet svg math canvas audio video map ' +
    'select datalist textarea input link meta base'
  ).split(' '),
);

/** Elements that stand in a line of text. All others begin a block, those with names of their own as well. */
const INLINE = new Set(
  (
    'a abbr acronym b bdi bdo big br button cite code data del dfn em font i img ins kbd label mark meter nobr output ' +
    'progress q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr'
  ).split(' '),
);

export function isBlock(name: string): boolean {
  return !INLINE.has(name);
}

export function isHeading(name: string): boolean {
  return name.length === 2 && name >= "h1" && name <= "h6";
}

export function isSeen({ name, attribs }: Element): boolean {
  if (UNSEEN.has(name) || attribs['hidden'] !== undefined || attribs['aria-hidden'] === 'true') return false;
  return !/(^|;)\s*(display\s*:\s*none|visibility\s*:\s*hidden)/i.test(
    (attribs['style'] ?? '').slice(0, 500),
  );
}
