import type { IncomingMessage } from 'node:http';
import { headerValues } from './header-values.ts';

/** Single-word headers, where a comma can only come from a proxy that joined two lines. */
const WORDS = ['mcp-protocol-version', 'mcp-method', 'mcp-name', 'mcp-session-id', 'content-type', 'expect'];

/**
 * Collapses a header that arrived twice with the same value, as some proxies forward it: in separate lines, or joined
 * by commas. Different values stay as they are, for later checks to refuse. `Authorization`, `Host` and `Origin` are
 * not collapsed: no two readers may disagree about which value counts.
 */
export function joinRepeated(request: IncomingMessage): void {
  const { headers } = request;
  for (const name of WORDS) {
    const value = headers[name];
    if (typeof value === 'string' && value.includes(',')) headers[name] = onlyOf(value.split(',')) ?? value;
  }
  // Node keeps the first Content-Type line and silently drops the others.
  const types = headerValues(request, 'content-type');
  if (types.length > 1) headers['content-type'] = onlyOf(types) ?? types.join(', ');
  for (const name in headers) {
    // An argument may contain commas, so only whole lines are compared.
    if (name.startsWith('mcp-param-')) headers[name] = onlyOf(headerValues(request, name)) ?? headers[name];
  }
}

/** The value that all entries share, ignoring surrounding blanks; undefined if they differ. */
function onlyOf(values: readonly string[]): string | undefined {
  const [first, ...rest] = values.map((value) => value.trim());
  return rest.every((value) => value === first) ? first : undefined;
}
