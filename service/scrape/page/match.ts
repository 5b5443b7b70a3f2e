import { compile, type Options } from 'css-select';
import type { Selector } from 'css-what';
import { type AnyNode, type Element, isTag } from 'domhandler';
import * as domutils from 'domutils';
import { tooComplex } from './parse.ts';
import type { ParsedSelector } from './select.ts';

/**
 * Maximum tree steps of a match. `:has()`, `~` and `:nth-child()` visit siblings and descendants of every element, so
 * their time has no other bound. 5 million steps take about 0.4 s.
 */
const MAX_STEPS = 5_000_000;
/** Maximum steps for one element, which is not interrupted: 15 ms. `body:has(x)` on the largest page takes 160,000. */
const MAX_STEPS_AT_ONCE = 200_000;
/** Characters of an attribute that are matched: a search in more could be slow at once. */
const MAX_MATCHED_VALUE = 4096;

/**
 * Tests single elements against a selector, counting every step.
 *
 * @throws ServiceError from the test, `content_too_complex` when it takes too many steps on this page
 */
export function createMatcher(selector: ParsedSelector): (element: Element) => boolean {
  let steps = 0;
  let atOnce = 0;
  function step(count = 1): void {
    steps += count;
    atOnce += count;
    if (steps > MAX_STEPS) throw tooComplex(`selector took more than ${MAX_STEPS} steps`);
    if (atOnce > MAX_STEPS_AT_ONCE) {
      throw tooComplex(`selector took more than ${MAX_STEPS_AT_ONCE} steps for one element`);
    }
  }
  // Compiling modifies the selector.
  const matches = compile<AnyNode, Element>(structuredClone(selector) as Selector[][], {
    adapter: countingAdapter(step),
  });
  return (element) => {
    atOnce = 0;
    return matches(element);
  };
}

/** How css-select walks the tree. Callers copy or search lists: one member costs about a sixteenth of a step. */
function countingAdapter(step: (count?: number) => void): NonNullable<Options<AnyNode, Element>['adapter']> {
  return {
    ...domutils,
    isTag: (node): node is Element => {
      step();
      return isTag(node);
    },
    equals(a, b) {
      step();
      return a === b;
    },
    getName(element) {
      step();
      return element.name;
    },
    getChildren(node) {
      const children = domutils.getChildren(node);
      step(1 + (children.length >> 4));
      return children;
    },
    getSiblings(node) {
      const siblings = domutils.getSiblings(node);
      step(1 + (siblings.length >> 4));
      return siblings;
    },
    prevElementSibling(node) {
      step();
      return domutils.prevElementSibling(node);
    },
    getParent(node) {
      step();
      return domutils.getParent(node);
    },
    hasAttrib(element, name) {
      step();
      return Object.hasOwn(element.attribs, name);
    },
    getAttributeValue(element, name) {
      const value = Object.hasOwn(element.attribs, name)
        ? element.attribs[name]?.slice(0, MAX_MATCHED_VALUE)
        : undefined;
      step(1 + ((value?.length ?? 0) >> 3));
      return value;
    },
    // Called for text nodes, for `:empty`.
    getText(node) {
      const text = domutils.getText(node);
      step(1 + (text.length >> 4));
      return text;
    },
  };
}
