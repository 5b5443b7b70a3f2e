import type { IncomingMessage } from 'node:http';

/**
 * Header fields allowed in a request or response: more than any known client, proxy or page sends. Apache httpd allows
 * 100 in a request by default (LimitRequestFields).
 */
const MAX_FIELDS = 128;

/**
 * Value for `maxHeadersCount` of a server or request: one more than the limit, so that an excess is always visible.
 * Node.js 20 silently drops fields beyond it (CVE-2026-58044), and every Node.js does in responses; `hasTooManyFields`
 * then detects the excess. Node.js 22.23.2, 24.18.1 and 26.5.1 respond 431 to such a request by themselves.
 */
export const FIELDS_KEPT = MAX_FIELDS + 1;

/** Check this before any field of a message is read: fields beyond the limit may be missing. */
export function hasTooManyFields({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.length > 2 * MAX_FIELDS;
}
