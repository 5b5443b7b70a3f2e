import { ExportError, type ExportedLine, MAX_LINE_BYTES } from './export-lines.ts';

/**
 * The events in the output of `aws logs filter-log-events` and `get-log-events`, `{"events":[{"message":…},…]}`. The
 * document may be larger than memory, so one event at a time is parsed.
 */
export async function* eventsOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<ExportedLine> {
  let number = 0;
  const scanner = createScanner();
  for await (const chunk of bytes) {
    for (const byte of chunk) {
      const event = scanner.add(byte);
      if (event === undefined) continue;
      number += 1;
      yield parseEvent(event, `event ${number}`);
    }
  }
  if (scanner.open) throw new ExportError(`after event ${number} the JSON is cut off`);
}

function parseEvent(event: string, place: string): ExportedLine {
  try {
    const { message, timestamp } = JSON.parse(event) as Record<string, unknown>;
    if (typeof message === 'string')
      return { place, text: message, ...(typeof timestamp === 'number' && { at: timestamp }) };
  } catch {
    // The parser's message would quote the event.
  }
  throw new ExportError(`${place}: it is not a CloudWatch Logs event`);
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = Buffer.from('"\\[]{}');

interface Scanner {
  /** @returns the text of an event after its last byte */
  add(byte: number): string | undefined;
  /** Whether the document is incomplete. */
  readonly open: boolean;
}

/** Finds the objects in the list `events` of a document, and of the documents that follow it. */
function createScanner(): Scanner {
  let depth = 0;
  let inString = false;
  let escaped = false;
  let inEvents = false;
  /** The latest string at the top level of the document: a member's name or value. */
  let name = '';
  const kept = Buffer.alloc(MAX_LINE_BYTES);
  let size = 0;
  let keeping = false;

  function keep(byte: number): void {
    if (size === kept.length) throw new ExportError(`an event has more than ${MAX_LINE_BYTES} bytes`);
    kept[size] = byte;
    size += 1;
  }

  function begin(byte: number): void {
    keeping = true;
    size = 0;
    keep(byte);
  }

  function end(): string {
    keeping = false;
    return kept.toString('utf8', 0, size);
  }

  function addToString(byte: number): void {
    if (escaped) escaped = false;
    else if (byte === BACKSLASH) escaped = true;
    else if (byte === QUOTE) {
      inString = false;
      if (depth === 1) name = end();
    }
  }

  function close(): string | undefined {
    depth -= 1;
    if (depth < 0) throw new ExportError('it is not JSON');
    return depth === 2 && keeping ? end() : undefined;
  }

  return {
    get open() {
      return depth > 0;
    },
    add(byte) {
      if (keeping) keep(byte);
      if (inString) addToString(byte);
      else if (byte === QUOTE) {
        inString = true;
        if (depth === 1) begin(byte);
      } else if (byte === OPEN_LIST || byte === OPEN) {
        depth += 1;
        if (depth === 2) inEvents = byte === OPEN_LIST && name === '"events"';
        if (depth === 3 && inEvents && byte === OPEN) begin(byte);
      } else if (byte === CLOSE_LIST || byte === CLOSE) return close();
      return undefined;
    },
  };
}
