import { type Element, isText } from 'domhandler';
import { alphaOf, coloursIn, isSameColour } from './colour.ts';
import { FAINT, hides, replaces, type Style, strength } from './hiding.ts';
import { lengthsIn } from './lengths.ts';
import { MAX_VALUE, readStyle } from './style.ts';

/** Inherited appearance of text, as far as attributes tell. Start with `{}` at the root. */
export interface Look {
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

/** Size in pixels up to which letters are unreadable. */
const TINY = 2;

/**
 * The inherited appearance for the element's children, or undefined when its text is hidden from a person: by `hidden`,
 * `aria-hidden`, a closed `dialog` or `popover`, or its `style` (display, visibility, off-screen, zero size, zero
 * opacity, same colour). Style sheets and overlapping elements are not considered.
 *
 * Children often reset letter size, colour and visibility, for example `font-size: 0` around boxes with their own
 * sizes: these properties hide an element only if it contains text directly. Linear in the attributes and the number of
 * children. A style longer than 64 Ki characters hides.
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
  const style = ownStyle(element);
  const look = style === NONE ? outer : style && inherit(style, outer);
  const hasText = () => element.children.some((child) => isText(child) && /\S/.test(child.data));
  return look?.unseen === true && hasText() ? undefined : look;
}

const NONE: Style = new Map();

/** Properties that cannot hide text with a long value. Other properties with a value beyond the limit may. */
const LONG =
  /^(?:--|background|(?:-webkit-)?mask|(?:box|text)-shadow|grid|transition|animation|will-change|font-f)/;

/** Declarations of an element, or undefined when the style exceeds the limit, which real pages do not. */
function ownStyle({ name, attribs }: Element): Style | undefined {
  const { style, bgcolor } = attribs;
  const ink = name === 'font' ? attribs['color'] : name === 'body' ? attribs['text'] : undefined;
  if (style === undefined && bgcolor === undefined && ink === undefined) return NONE;
  const declared: [property: string, value: string, important: boolean][] = [];
  if (bgcolor !== undefined) declared.push(['background', bgcolor.trim().toLowerCase(), false]);
  if (ink !== undefined) declared.push(['color', ink.trim().toLowerCase(), false]);
  if (!readStyle(style ?? '', (...declaration) => declared.push(declaration))) return undefined;

  const variables = new Map(declared.map(([property, value]) => [property, value]));
  const own = new Map<string, string[]>();
  const important = new Set<string>();
  for (const [property, value, isImportant] of declared) {
    const known = value.replace(
      /var\( ?(--[^\s(),]+) ?(?:,([^()]*))?\)/g,
      (_all, variable: string, other = '') => variables.get(variable) ?? other.trim(),
    );
    if (known.length >= MAX_VALUE && !LONG.test(property)) return undefined;
    const plain = property.replace(/^-(?:webkit|moz|ms|o)-|(?<=^background)-(?:color|image)$/g, '');
    if (important.has(plain) && !isImportant) continue;
    const values = own.get(plain);
    if (isImportant) important.add(plain);
    if (values === undefined || replaces(plain, known)) own.set(plain, [known]);
    else values.push(known);
  }
  return own;
}

function inherit(style: Style, outer: Look): Look | undefined {
  const fontSize = fontSizeOf(style, outer.fontSize ?? 16);
  const left = strength(style) * (outer.strength ?? 1);
  if (left <= FAINT || hides(style, fontSize)) return undefined;
  const visibility = style.get('visibility')?.at(-1);
  const invisible =
    visibility === 'hidden' || visibility === 'collapse'
      ? true
      : visibility === 'visible' || visibility === 'initial'
        ? false
        : outer.invisible;
  const colours = coloursOf(style, outer);
  const letters = colours.fill ?? colours.color ?? 'currentcolor';
  const sameColour =
    (alphaOf(letters) ?? 1) <= FAINT ||
    (colours.background !== undefined && isSameColour(letters, colours.background));
  return {
    ...colours,
    fontSize,
    strength: left,
    invisible,
    unseen: invisible === true || fontSize <= TINY || sameColour,
  };
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

/** Applies a style to the inherited colours. */
function coloursOf(style: Style, outer: Look): Pick<Look, 'color' | 'fill' | 'background'> {
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
