import { type AnyNode, hasChildren, isTag, isText } from 'domhandler';

/** Blanks kept at either end of a digest. */
const EDGE = 64;

/**
 * The part of the DOM that turndown reads, over a tree that is already parsed. Given a string, turndown would have
 * it parsed again, and the HTML algorithm multiplies unclosed formatting elements. `textContent` is a digest, the
 * blanks at both ends with one letter for what is between: turndown asks it of every element and only looks at the
 * ends, so that the whole text would be read once for each level of depth.
 */
export class TurndownNode {
  readonly nodeType: 1 | 3;
  readonly nodeName: string;
  readonly parentNode: TurndownNode | null;
  /** Text of a text node, empty for an element. */
  data: string;
  /** Position among the element children of the parent, from 0. */
  readonly index: number;
  firstChild: TurndownNode | null = null;
  lastElementChild: TurndownNode | null = null;
  nextSibling: TurndownNode | null = null;
  previousSibling: TurndownNode | null = null;
  readonly #attributes: Readonly<Record<string, string>>;
  #digest: string | undefined;
  #names: ReadonlySet<string> | undefined;

  private constructor(source: AnyNode, parent: TurndownNode | null, index: number) {
    this.nodeType = isText(source) ? 3 : 1;
    this.nodeName = isText(source) ? '#text' : isTag(source) ? source.name.toUpperCase() : 'X-ROOT';
    this.#attributes = isTag(source) ? source.attribs : {};
    this.data = isText(source) ? source.data : '';
    this.parentNode = parent;
    this.index = index;
  }

  static from(source: AnyNode, parent: TurndownNode | null = null, index = 0): TurndownNode {
    const node = new TurndownNode(source, parent, index);
    let elements = 0;
    let last: TurndownNode | null = null;
    for (const child of hasChildren(source) ? source.children : []) {
      const copy = TurndownNode.from(child, node, elements);
      copy.previousSibling = last;
      if (last === null) node.firstChild = copy;
      else last.nextSibling = copy;
      last = copy;
      if (copy.nodeType !== 1) continue;
      node.lastElementChild = copy;
      elements += 1;
    }
    return node;
  }

  get nodeValue(): string {
    return this.data;
  }

  get childNodes(): TurndownNode[] {
    const nodes: TurndownNode[] = [];
    for (let node = this.firstChild; node !== null; node = node.nextSibling) nodes.push(node);
    return nodes;
  }

  /** Not the text: see the class. Fixed at the first call, which turndown makes after its last change. */
  get textContent(): string {
    if (this.#digest !== undefined) return this.#digest;
    let text = this.data;
    for (const child of this.childNodes) text = digest(text + child.textContent);
    this.#digest = digest(text);
    return this.#digest;
  }

  /** The whole text. */
  get fullText(): string {
    return this.data + this.childNodes.map((node) => node.fullText).join('');
  }

  getAttribute(name: string): string | null {
    return this.#attributes[name] ?? null;
  }

  /** Only whether there are any. */
  getElementsByTagName(name: string): { readonly length: number } {
    return { length: this.#descendants().has(name) ? 1 : 0 };
  }

  #descendants(): ReadonlySet<string> {
    this.#names ??= new Set(
      this.childNodes.flatMap((node) => (node.nodeType === 1 ? [node.nodeName, ...node.#descendants()] : [])),
    );
    return this.#names;
  }

  removeChild(node: TurndownNode): void {
    if (node.previousSibling === null) this.firstChild = node.nextSibling;
    else node.previousSibling.nextSibling = node.nextSibling;
    if (node.nextSibling !== null) node.nextSibling.previousSibling = node.previousSibling;
  }

  /** Turndown clones what it is given before it changes it; this tree is made for it alone. */
  cloneNode(): this {
    return this;
  }
}

function digest(text: string): string {
  const start = text.length - text.trimStart().length;
  if (start === text.length) return text.slice(0, EDGE);
  const end = text.length - text.trimEnd().length;
  return `${text.slice(0, Math.min(start, EDGE))}x${text.slice(text.length - Math.min(end, EDGE))}`;
}
