import type { IncomingMessage } from 'node:http';

/**
 * Header fields that a request or an answer may have: more than any client, proxy or page is known to send. Apache httpd
 * takes 100 in a request unless it is told otherwise (LimitRequestFields).
 */
const MAX_FIELDS = 128;

/**
 * For `maxHeadersCount` of a server or of a request: one more than may be, so that Node never leaves out a field
 * unseen. What is beyond it is dropped without a word by Node.js 20 (CVE-2026-58044) and, of answers, by every Node.js;
 * but then there are more than may be, and `hasTooManyFields` says so. Node.js 22.23.2, 24.18.1 and 26.5.1 answer a
 * request beyond it with 431 by themselves.
 */
export const FIELDS_KEPT = MAX_FIELDS + 1;

/** To be asked before any field of a message is looked at: of those beyond, some may be missing. */
export function hasTooManyFields({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  return rawHeaders.length > 2 * MAX_FIELDS;
}
