import type { IncomingMessage } from 'node:http';
import { headerValues } from './header-values.ts';

/** Headers of one word, in which a comma can only come from a proxy that joined two lines. */
const WORDS = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id', 'content-type', 'expect'];

/**
 * Makes one of a header that came twice with the same value, as some proxies send it on: in lines of its own or joined
 * by commas. What differs stays as it is, for the checks that follow to refuse. `Authorization`, `Host` and `Origin`
 * are not among them: which of two is meant may not depend on who reads them.
 */
export function joinRepeated(request: IncomingMessage): void {
  const { headers } = request;
  for (const name of WORDS) {
    const value = headers[name];
    if (typeof value === 'string' && value.includes(',')) headers[name] = onlyOf(value.split(',')) ?? value;
  }
  // Node keeps the first line of this one and drops the others unseen.
  const types = headerValues(request, 'content-type');
  if (types.length > 1) headers['content-type'] = onlyOf(types) ?? types.join(', ');
  for (const name in headers) {
    // An argument may hold commas of its own, so only whole lines are compared.
    if (name.startsWith('mcp-param-')) headers[name] = onlyOf(headerValues(request, name)) ?? headers[name];
  }
}

/** The value that all are, blanks around them aside. */
function onlyOf(values: readonly string[]): string | undefined {
  const [first, ...rest] = values.map((value) => value.trim());
  return rest.every((value) => value === first) ? first : undefined;
}
