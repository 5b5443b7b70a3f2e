/** A line of the log in an export. */
export interface ExportedLine {
  /** Position such as `line 12` or `event 12`, counted from 1. */
  readonly place: string;
  readonly text: string;
  /** Ingestion time; lines with the same time may be in any order. Absent if the export keeps the writer's order. */
  readonly at?: string | number;
}

/** An invalid export. The message contains nothing of its content. */
export class ExportError extends Error {}

/** Longest line or event, in bytes: a record has up to 8 KiB, and twice that when quoted in JSON. */
export const MAX_LINE_BYTES = 64 * 1024;
/** The lines of a text. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<ExportedLine> {
  let number = 0;
  for await (const bytesOfLine of splitLines(bytes)) {
    number += 1;
    // Windows ends lines with two characters.
    const line = bytesOfLine.toString('utf8').replace(/\r$/, '');
    const [, at, text = line] = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (.*)$/s.exec(line) ?? [];
    yield { place: `line ${number}`, text, ...(at !== undefined && { at }) };
  }
}

/** Not `readline`: it has no bound, and treats two characters as line breaks that JSON does not escape. */
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
