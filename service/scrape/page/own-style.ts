import type { Element } from 'domhandler';
import { replaces, type Style } from './hiding.ts';
import { MAX_STYLE_VALUE, readStyle } from './style.ts';
import { countSteps, expand, scopeOf, type Variables } from './variables.ts';

/** Characters of all values of one element after `var()` is replaced: 4 ms at worst. Real styles have a tenth. */
const MAX_READ = 8 * 1024;

/** Maximum characters of a colour in `bgcolor`, `color` and `text`; browsers turn any text into a colour. */
const MAX_LEGACY = 64;

/** Properties whose long values cannot hide text. A value of any other property that is cut off may hide text. */
const LONG =
  /^(?:--|background|(?:-webkit-)?mask|(?:box|text)-shadow|grid|transition|animation|will-change|font-f)/;

/** Properties that can hide text by one keyword. An unknown value counts as that keyword. */
const DECIDES = new Set(['display', 'visibility', 'opacity']);

/** The declarations of an element, and the custom properties in effect there. */
export interface OwnStyle {
  readonly style: Style;
  readonly variables: Variables | undefined;
}

/** The state that an element gets from its ancestors. */
export interface Around {
  /** @default - none */
  readonly variables?: Variables | undefined;
  /** Whether an ancestor may have custom properties that were not read. @default false */
  readonly isUnread?: boolean | undefined;
}

const NONE: Style = new Map();

/**
 * The declarations of an element from `style` and from the colour attributes `bgcolor`, `background`, `color` and
 * `text`. Undefined if the style exceeds the bounds above, which no real page does, and if an unknown `var()` may hide
 * the element.
 */
export function ownStyle({ name, attribs }: Element, around: Around, isRoot: boolean): OwnStyle | undefined {
  const { variables: outer, isUnread } = around;
  const legacy = legacyColours(name, attribs);
  const source = attribs['style'];
  if (source === undefined && legacy.length === 0) return { style: NONE, variables: outer };

  const custom = new Declared();
  const written: Declaration[] = [...legacy];
  const isRead = readStyle(source ?? '', (...declaration) => {
    if (declaration[0].startsWith('--')) custom.add(...declaration);
    else written.push(declaration);
  });
  if (!isRead) return undefined;
  const steps = countSteps();
  const variables = scopeOf(custom.last, outer, steps);

  const own = new Map<string, string[]>();
  const important = new Set<string>();
  let read = 0;
  for (const [property, value, isImportant] of written) {
    const plain = property.replace(/^-(?:webkit|moz|ms|o)-|(?<=^background)-(?:color|image)$/g, '');
    const expanded = expand(value, variables, steps);
    if (steps.left < 0) return undefined;
    if (expanded === undefined && !isRoot && (isUnread || DECIDES.has(plain))) return undefined;
    // A background whose colour comes from a style sheet is unknown, like a picture.
    const known = expanded?.trim().toLowerCase() ?? (plain === 'background' ? 'url()' : '');
    read += known.length;
    if (read > MAX_READ || (known.length >= MAX_STYLE_VALUE && !LONG.test(property))) return undefined;
    if (important.has(plain) && !isImportant) continue;
    const values = own.get(plain);
    if (isImportant) important.add(plain);
    if (values === undefined || replaces(plain, known)) own.set(plain, [known]);
    else values.push(known);
  }
  return steps.left < 0 ? undefined : { style: own, variables };
}

type Declaration = [property: string, value: string, isImportant: boolean];

/** The last value of each name; important values take precedence. */
class Declared {
  readonly last = new Map<string, string>();
  readonly #important = new Set<string>();

  add(...[name, value, isImportant]: Declaration): void {
    if (isImportant) this.#important.add(name);
    else if (this.#important.has(name)) return;
    this.last.set(name, value);
  }
}

function legacyColours(name: string, attribs: Element['attribs']): Declaration[] {
  const ink = name === 'font' ? attribs['color'] : name === 'body' ? attribs['text'] : undefined;
  const declared: Declaration[] = [];
  for (const [property, value] of [
    ['background', attribs['bgcolor']],
    ['color', ink],
  ] as const) {
    // These attributes allow no functions, but a function's text would be parsed as a colour.
    if (value !== undefined && value.length <= MAX_LEGACY && !value.includes('(')) {
      declared.push([property, value, false]);
    }
  }
  if (attribs['background'] !== undefined) declared.push(['background', 'url()', false]);
  return declared;
}
