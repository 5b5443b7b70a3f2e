import type { Variables } from '../resources/resource.ts';

/** Longest URI of a resource, or of a request for one, in characters. */
export const MAX_URI = 2048;
/** Longest URI, or template of one, in a list. */
const MAX_LISTED_URI = 512;

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]{0,63}:[!-~]+$/;
const PART = /^([^{}]*)\{([A-Za-z_][A-Za-z0-9_]{0,63})\}([^{}]*)$/;

/** Tells whether a URI is of this pattern. @returns the values of its variables, or undefined if it is not */
export type MatchUri = (uri: string) => Variables | undefined;

/**
 * A matcher of one URI, or of a template with `{variables}`. Its time is linear in the length of the URI: the SDK's
 * matcher makes a regular expression of the template, which can backtrack.
 *
 * @throws Error if it is not an absolute URI of visible ASCII characters, or a template with anything but one simple
 * variable between two slashes
 */
export function uriPattern(template: string): MatchUri {
  if (template.length > MAX_LISTED_URI || !ABSOLUTE.test(template)) {
    throw new Error(`the URI must be absolute, of at most ${MAX_LISTED_URI} visible ASCII characters`);
  }
  if (!/[{}]/.test(template)) return (uri) => (uri === template ? {} : undefined);
  const names = new Set<string>();
  const parts = template.split('/').map((part) => {
    if (!/[{}]/.test(part)) return { start: part, end: '' };
    const [, start = '', name, end = ''] = PART.exec(part) ?? [];
    if (name === undefined || names.has(name)) {
      throw new Error(
        'a template may have one {variable} between two slashes, each once, without an operator',
      );
    }
    names.add(name);
    return { start, name, end };
  });
  return (uri) => {
    const given = uri.split('/', parts.length + 1);
    if (given.length !== parts.length) return undefined;
    const values: [string, string][] = [];
    for (const [index, { start, name, end }] of parts.entries()) {
      const part = given[index] ?? '';
      if (name === undefined) {
        if (part !== start) return undefined;
        continue;
      }
      const value = decoded(part.slice(start.length, part.length - end.length));
      if (!part.startsWith(start) || !part.endsWith(end) || part.length <= start.length + end.length)
        return undefined;
      if (value === undefined) return undefined;
      values.push([name, value]);
    }
    return Object.fromEntries(values);
  };
}

export function isTemplate(uri: string): boolean {
  return uri.includes('{');
}

/** @returns undefined if it is not valid, or would be another path: empty, a slash, or a step to a parent */
function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return /[/\\]|^\.\.?$/.test(value) || value === '' ? undefined : value;
  } catch {
    return undefined;
  }
}
