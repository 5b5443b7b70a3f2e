import { type Element, isText } from 'domhandler';
import { alphaOf, coloursIn, isSameColour } from './colour.ts';
import { FAINT, hides, type Style, strength } from './hiding.ts';
import { lengthsIn } from './lengths.ts';
import { type Around, type OwnStyle, ownStyle } from './own-style.ts';

/** The appearance of text that an element's children inherit, as far as attributes say. Begin with `PAGE_LOOK`. */
export interface Look extends Around {
  /** In CSS syntax, lower case. @default - not known */
  readonly color?: string;
  /** In CSS syntax, lower case. @default - not known, such as a picture */
  readonly background?: string;
  /** Colour of letters if it differs from `color`, which it overrides. @default - color */
  readonly fill?: string;
  /** In pixels. @default 16 */
  readonly fontSize?: number;
  /** Opacity and scale from 0 to 1, multiplied with those of the ancestors. @default 1 */
  readonly strength?: number;
  /** Hidden by `visibility`. @default false */
  readonly invisible?: boolean;
  /** Text is hidden here until a descendant overrides it. @default false */
  readonly unseen?: boolean;
}

/** The colour of a page that sets none. A system colour, so that it differs from every colour that a page sets. */
const PAPER = 'canvas';

/** The appearance of a page that sets no colours: white. */
export const PAGE_LOOK: Look = { background: PAPER };

/** Size in pixels up to which letters cannot be read. */
const TINY = 2;

/**
 * The inherited appearance for the element's children, or undefined when its text is hidden from a person: by `hidden`,
 * `aria-hidden`, a closed `dialog` or `popover`, or its `style` (display, visibility, off-screen, zero size, zero
 * opacity, same colour). Style sheets and overlapping elements are not considered.
 *
 * Children often set the font size, colour and visibility again, such as in boxes with their own sizes inside
 * `font-size: 0`: such a style hides only elements that contain text themselves. Takes time linear in the attributes
 * and the number of children. A style beyond the bounds of `readStyle` hides the element.
 *
 * The styles of `html` and `body` hide text only by its size and colour: many pages are transparent until their scripts
 * have run.
 */
export function lookOf(element: Element, outer: Look): Look | undefined {
  const { name, attribs } = element;
  if (
    attribs['hidden'] !== undefined ||
    attribs['aria-hidden']?.trim().toLowerCase() === 'true' ||
    attribs['popover'] !== undefined ||
    (name === 'dialog' && attribs['open'] === undefined) ||
    (name === 'input' && attribs['type']?.trim().toLowerCase() === 'hidden')
  ) {
    return undefined;
  }
  const isRoot = name === 'html' || name === 'body';
  const isImage = name === 'img';
  if (isImage && (isDot(attribs['width']) || isDot(attribs['height']))) return undefined;
  const own = ownStyle(element, outer, isRoot);
  if (own === undefined) return isRoot ? { ...outer, isUnread: true } : undefined;
  const look =
    own.style.size === 0 && own.variables === outer.variables
      ? outer
      : isRoot
        ? inheritOfRoot(own, outer)
        : inherit(own, outer, isImage);
  if (isImage && look?.invisible === true) return undefined;
  const hasText = () => element.children.some((child) => isText(child) && /\S/.test(child.data));
  return look?.unseen === true && hasText() ? undefined : look;
}

/** Whether an image of this width or height is invisible. */
function isDot(size: string | undefined): boolean {
  return size !== undefined && size.length < 20 && Number.parseFloat(size) <= 1;
}

function inherit({ style, variables }: OwnStyle, outer: Look, isImage: boolean): Look | undefined {
  const fontSize = fontSizeOf(style, outer.fontSize ?? 16);
  const left = strength(style) * (outer.strength ?? 1);
  if (left <= FAINT || hides(style, fontSize, isImage)) return undefined;
  const visibility = style.get('visibility')?.at(-1);
  const invisible =
    visibility === 'hidden' || visibility === 'collapse'
      ? true
      : visibility === 'visible' || visibility === 'initial'
        ? false
        : outer.invisible;
  const colours = coloursOf(style, outer);
  const unseen = invisible === true || fontSize <= TINY || isUnseen(colours);
  return { ...outer, ...colours, variables, fontSize, strength: left, invisible, unseen };
}

function inheritOfRoot({ style, variables }: OwnStyle, outer: Look): Look {
  const fontSize = fontSizeOf(style, outer.fontSize ?? 16);
  const colours = coloursOf(style, outer);
  // White letters without a background in the page's attributes: a style sheet makes the page dark.
  const isDark = colours.background === PAPER && isUnseen(colours);
  const background = isDark ? undefined : colours.background;
  const unseen = fontSize <= TINY || (!isDark && isUnseen(colours));
  return { ...outer, ...colours, background, variables, fontSize, unseen };
}

type Colours = Pick<Look, 'color' | 'fill' | 'background'>;

/** Whether letters are transparent, or have the colour behind them. */
function isUnseen({ color, fill, background }: Colours): boolean {
  const letters = fill ?? color ?? 'currentcolor';
  return (alphaOf(letters) ?? 1) <= FAINT || (background !== undefined && isSameColour(letters, background));
}

/** The last valid size. In the shorthand `font`, it precedes the slash or the family. */
function fontSizeOf(style: Style, outer: number): number {
  const short = style
    .get('font')
    ?.flatMap((value) => /(?:^| )([\d.][\w.]*%?)(?: ?\/| )/.exec(value)?.[1] ?? []);
  const sizes = [...(short ?? []), ...(style.get('font-size') ?? [])];
  return sizes.reduce((size, value) => {
    if (/^(?:initial|revert|[a-z-]*(?:small|large)|medium)$/.test(value)) return 16;
    return lengthsIn(value, outer / 100, outer)[0] ?? size;
  }, outer);
}

/** The colours inside an element, from its style and the colours around it. */
function coloursOf(style: Style, outer: Look): Colours {
  const ink = (property: string, before: string | undefined) =>
    style.get(property)?.reduce<string | undefined>((colour, value) => {
      if (value === 'initial') return property === 'color' ? '#000' : undefined;
      if (value === 'currentcolor' && property !== 'color') return undefined;
      return coloursIn(value)[0] ?? colour;
    }, before) ?? before;
  const color = ink('color', outer.color);
  const fill = ink('text-fill-color', outer.fill);
  const values = style.get('background') ?? [];
  const background = values.reduce((behind, value) => under(value, behind, color), outer.background);
  // The background is only visible through the letters.
  if (style.get('background-clip')?.includes('text') && values.some(isPicture)) {
    return { color: background === outer.background ? undefined : background, background: outer.background };
  }
  return { color, fill, background };
}

function isPicture(value: string): boolean {
  return /url\(|gradient\(|image|element\(|cross-fade\(|paint\(/.test(value);
}

/** The colour behind letters after another background; undefined if it is not a single colour. */
function under(value: string, behind: string | undefined, color: string | undefined): string | undefined {
  const [first, ...others] = value.includes('currentcolor') ? [color ?? 'currentcolor'] : coloursIn(value);
  if (first === undefined) return isPicture(value) ? undefined : behind;
  const alpha = alphaOf(first) ?? 1;
  if (alpha < 0.1 && !isPicture(value)) return behind;
  return alpha > 0.9 && others.every((other) => isSameColour(first, other)) ? first : undefined;
}
