import { ServiceError } from './errors.ts';

/**
 * Maximum depth of objects and lists in a message. Schemas are checked by recursion, which a client must not exhaust.
 */
export const MAX_DEPTH = 64;
/**
 * Maximum members of objects and items of lists in a message. Parsing, checking and recording 10,000 members with
 * different names blocks the process for 20 ms; the arguments of tools have a few.
 */
const MAX_VALUES = 10_000;

const [QUOTE, BACKSLASH, COMMA, OPEN_OBJECT, OPEN_LIST, CLOSE_OBJECT, CLOSE_LIST] = Buffer.from('"\\,{[}]');

/**
 * Refuses JSON with too many or too deeply nested values, before it is parsed. A text that is too short to contain that
 * many is not scanned; its depth is checked when it is parsed.
 *
 * @throws ServiceError `body_too_large`, `body_too_deep`
 */
export function refuseManyValues(json: Buffer): void {
  if (json.length > 2 * MAX_VALUES) createValueBound()(json);
}

/**
 * Counts the values of JSON that arrives in pieces, also of several documents after each other.
 *
 * @returns adds a piece; it throws as `refuseManyValues`
 */
export function createValueBound(): (piece: Uint8Array) => void {
  let values = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let opened = false;
  return (piece) => {
    for (const byte of piece) {
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
        continue;
      }
      // Counts the first value of a container; an empty one has none.
      if (opened && byte !== CLOSE_OBJECT && byte !== CLOSE_LIST) values += 1;
      opened = byte === OPEN_OBJECT || byte === OPEN_LIST;
      if (byte === QUOTE) inString = true;
      else if (byte === COMMA) values += 1;
      else if (opened) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1;
      if (depth > MAX_DEPTH) throw new ServiceError('body_too_deep');
      if (values > MAX_VALUES) {
        throw new ServiceError('body_too_large', {
          reason: `more than ${MAX_VALUES} members and items`,
          detail: `at most ${MAX_VALUES} members and items`,
        });
      }
    }
  };
}
