import type * as z from 'zod';

/**
 * Parses a JSON document that administrators store.
 *
 * @param what the document, for messages
 * @throws Error naming the place and the rule it breaks. No part of the document is repeated, not even member names: a
 * token may have been pasted anywhere.
 */
export function parseStored(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} is not JSON`);
  }
}

/** Checks a part of such a document. @param place of the part, such as `['tokens', 3]`. @throws Error as `parseStored` */
export function checkStored<T>(
  what: string,
  schema: z.ZodType<T>,
  value: unknown,
  place: readonly PropertyKey[] = [],
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const message = issue?.code === 'unrecognized_keys' ? 'has an unknown member' : issue?.message;
  throw unusable(what, [...place, ...(issue?.path ?? [])], `${message}`);
}

/** The error for a part of such a document. */
export function unusable(what: string, place: readonly PropertyKey[], rule: string): Error {
  const path = place.length === 0 ? '' : `${place.join('.')}: `;
  return new Error(`${what} is not usable: ${path}${rule}`);
}
