import type { Element } from 'domhandler';

/** Colours that an element's text inherits. */
export interface Look {
  readonly color?: string;
  readonly background?: string;
}

/** What the children of an element inherit, or undefined when its text is hidden. Bounded, since a style attribute may be as long as the page. */
export function lookOf(element: Element, outer: Look): Look | undefined {
  const { hidden, style = '' } = element.attribs;
  const isHidden =
    hidden !== undefined || /(^|;)\s*(display\s*:\s*none|visibility\s*:\s*hidden)/i.test(style.slice(0, 500));
  return isHidden ? undefined : outer;
}
