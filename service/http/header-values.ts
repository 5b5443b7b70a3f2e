import type { IncomingMessage } from 'node:http';

/**
 * Every value of a header field, in the order of its lines. Does not use Node's `headersDistinct`, which throws on a
 * field named `__proto__` in releases that this server still supports, such as 20.19.
 *
 * @param name in lower case
 */
export function headerValues({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '');
  }
  return values;
}
