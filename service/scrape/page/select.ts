import { AttributeAction, isTraversal, parse, type Selector, SelectorType } from 'css-what';
import { ServiceError } from '../../errors.ts';
import { cutText } from '../../well-formed.ts';

/** Longest selector in characters. */
const MAX_SELECTOR_LENGTH = 500;
/** Maximum simple selectors and combinators in one selector, including those in parentheses. */
const MAX_PARTS = 60;
/** Maximum nesting of `:is()`, `:not()`, `:where()` and `:has()`. */
const MAX_NESTING = 3;
/** Pseudo-classes of Selectors Level 4 that have a meaning on a page without a user. */
const PSEUDO_CLASSES = new Set(
  (
    'root empty first-child last-child only-child first-of-type last-of-type only-of-type nth-child ' +
    'nth-last-child nth-of-type nth-last-of-type any-link link checked disabled enabled required optional ' +
    'is where not has'
  ).split(' '),
);

/** Pseudo-classes that css-select expands into whole selectors, and the parts that each counts as, by compile time. */
const ALIASES = new Set('any-link link checked disabled enabled required optional'.split(' '));
const ALIAS_PARTS = 6;

/** A checked selector. */
export type ParsedSelector = readonly Selector[][];

/**
 * Parses a CSS selector and refuses unsupported parts.
 *
 * @throws ServiceError `selector_invalid` whose detail names the problem
 */
export function parseSelector(text: string): ParsedSelector {
  if (text.length > MAX_SELECTOR_LENGTH) throw invalid(`longer than ${MAX_SELECTOR_LENGTH} characters`);
  let selectors: Selector[][];
  try {
    selectors = parse(text);
  } catch (error) {
    throw invalid(cutText((error as Error).message, 120));
  }
  let parts = 0;
  function check(alternatives: readonly Selector[][], nesting: number): void {
    if (nesting > MAX_NESTING) throw invalid(`more than ${MAX_NESTING} levels of parentheses`);
    if (alternatives.length === 0) throw invalid('it is empty');
    for (const [first, ...others] of alternatives) {
      const last = others.at(-1) ?? first;
      const dangling = (nesting === 0 && first && isTraversal(first)) || (last && isTraversal(last));
      if (dangling) throw invalid('a combinator stands between two selectors');
    }
    for (const part of alternatives.flat()) {
      parts += part.type === SelectorType.Pseudo && ALIASES.has(part.name) ? ALIAS_PARTS : 1;
      if (parts > MAX_PARTS) throw invalid(`more than ${MAX_PARTS} parts`);
      const problem = unsupported(part);
      if (problem !== undefined) throw invalid(problem);
      if (part.type === SelectorType.Pseudo && Array.isArray(part.data)) check(part.data, nesting + 1);
    }
  }
  check(selectors, 0);
  return selectors;
}

/** Parts that css-select would throw at, or would match by rules that are not CSS. */
function unsupported(part: Selector): string | undefined {
  switch (part.type) {
    case SelectorType.PseudoElement:
      return `the pseudo-element ::${part.name} is not supported`;
    case SelectorType.Pseudo:
      if (!PSEUDO_CLASSES.has(part.name)) return `the pseudo-class :${part.name} is not supported`;
      if (part.name.startsWith('nth-') && !isNth(part.data))
        return `:${part.name} needs a formula such as 2n+1`;
      return undefined;
    case SelectorType.Tag:
    case SelectorType.Universal:
      return part.namespace === null ? undefined : 'namespaces are not supported';
    case SelectorType.Attribute:
      if (part.namespace !== null) return 'namespaces are not supported';
      return part.action === AttributeAction.Not ? 'the operator != is not CSS' : undefined;
    case SelectorType.Parent:
    case SelectorType.ColumnCombinator:
      return `the ${part.type} combinator is not supported`;
    default:
      return undefined;
  }
}

function isNth(data: unknown): boolean {
  return (
    typeof data === 'string' &&
    /^\s*(odd|even|[+-]?\d{0,6}n(\s*[+-]\s*\d{1,6})?|[+-]?\d{1,6})\s*$/i.test(data)
  );
}

function invalid(detail: string): ServiceError {
  return new ServiceError('selector_invalid', { detail, reason: detail });
}
