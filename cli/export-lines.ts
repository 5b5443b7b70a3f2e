/** What stands in an export where a line of the log did. */
export interface ExportedLine {
  /** Such as `line 12` or `event 12`, counted from 1. */
  readonly place: string;
  readonly text: string;
  /** When the log got it; lines of one such time may stand in any order. Absent where the order is the writer's own. */
  readonly at?: string | number;
}

/** An export is not what it should be; the message has nothing of its content. */
export class ExportError extends Error {}

/** Longest line or event, in bytes: a record has up to 8 KiB, and as much again to be quoted in JSON. */
export const MAX_LINE_BYTES = 64 * 1024;
/** The lines of a text. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<ExportedLine> {
  let number = 0;
  for await (const bytesOfLine of splitLines(bytes)) {
    number += 1;
    // Windows ends them with two characters.
    const line = bytesOfLine.toString('utf8').replace(/\r$/, '');
    const [, at, text = line] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/s.exec(line) ?? [];
    yield { place: `line ${number}`, text, ...(at !== undefined && { at }) };
  }
}

/** Not `readline`: it knows no bound, and takes two characters for line breaks that JSON does not escape. */
async function* splitLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let size = 0;
  let number = 1;
  const take = (part: Buffer) => {
    size += part.length;
    if (size > MAX_LINE_BYTES)
      throw new ExportError(`line ${number}: it has more than ${MAX_LINE_BYTES} bytes`);
    begun.push(part);
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, end));
      yield Buffer.concat(begun);
      begun = [];
      size = 0;
      number += 1;
      start = end + 1;
    }
    take(chunk.subarray(start));
  }
  if (size > 0) yield Buffer.concat(begun);
}
