import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { ChainCheck } from '../service/logging/audit-chain.ts';
import { ExportError, type ExportedLine, linesOf } from './export-lines.ts';
import { eventsOf } from './log-events.ts';

/** Maximum length of the lines with the same ingestion time, in characters. */
const MAX_MOMENT = 16 * 1024 * 1024;

/** Checks an export to its end or its first invalid line. @throws an error of the file */
export async function firstProblem(
  bytes: AsyncIterable<Buffer>,
  check: ChainCheck,
): Promise<string | undefined> {
  try {
    for await (const { place, text } of readExport(bytes)) {
      const problem = check.add(text);
      if (problem !== undefined) return `${place}: ${problem}`;
    }
  } catch (error) {
    if (error instanceof ExportError) return error.message;
    throw error;
  }
  return check.records === 0 ? 'it contains no audit record' : undefined;
}

/**
 * Reads an export in any of its forms, with at most one line (or the lines of one millisecond) in memory: plain lines,
 * as the service or the archive writes them; lines of a CloudWatch Logs export task, each after its time; the JSON of
 * `aws logs filter-log-events`. Each may be compressed with gzip, and several may follow one another.
 *
 * @throws ExportError, or an error of the file
 */
async function* readExport(bytes: AsyncIterable<Buffer>): AsyncGenerator<ExportedLine> {
  const [start, all] = await peek(unpack(bytes));
  yield* inMoments(
    /^\s*\{\s*"(events|searchedLogStreams|next(Forward|Backward)?Token)"/.test(start)
      ? eventsOf(all)
      : linesOf(all),
  );
}

/**
 * Sorts lines with the same ingestion time by their record numbers, because the log itself keeps no order among them.
 */
async function* inMoments(lines: AsyncIterable<ExportedLine>): AsyncGenerator<ExportedLine> {
  let moment: ExportedLine[] = [];
  let characters = 0;
  for await (const line of lines) {
    if (line.at === undefined || line.at !== moment[0]?.at) {
      yield* ordered(moment);
      moment = [];
      characters = 0;
    }
    moment.push(line);
    characters += line.text.length;
    if (characters > MAX_MOMENT)
      throw new ExportError(`${line.place}: too many lines have the same time to sort them`);
  }
  yield* ordered(moment);
}

/** Lines by sequence number, those without one first. */
function inOrder(lines: readonly ExportedLine[]): ExportedLine[] {
  const numbered = lines.map((line) => ({ ...line, seq: numberOf(line.text) }));
  return numbered.sort((a, b) => a.seq - b.seq);
}

function numberOf(text: string): number {
  try {
    const { seq } = JSON.parse(text) as { seq?: unknown };
    return Number.isSafeInteger(seq) ? (seq as number) : 0;
  } catch {
    // The check reports it.
    return 0;
  }
}

const ordered = (moment: ExportedLine[]) => (moment.length > 1 ? inOrder(moment) : moment);

async function* unpack(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const [start, all] = await peek(bytes);
  if (!start.startsWith('\x1f\x8b')) return yield* all;
  let size = 0;
  async function* counted() {
    for await (const chunk of all) {
      size += chunk.length;
      yield chunk;
    }
  }
  const gunzip = createGunzip();
  try {
    yield* pipeline(Readable.from(counted()), gunzip, () => {});
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('Z_')) throw error;
    throw new ExportError('it is not a complete gzip file');
  }
  // Node stops without an error at other data after the gzip stream.
  if (gunzip.bytesWritten !== size) throw new ExportError('the gzip file is followed by other data');
}

/** Returns the first characters, one per byte, and the whole input. */
async function peek(bytes: AsyncIterable<Buffer>): Promise<[start: string, all: AsyncGenerator<Buffer>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let size = 0;
  while (size < 100) {
    const { done, value } = await iterator.next();
    if (done) break;
    read.push(value);
    size += value.length;
  }
  async function* all() {
    yield* read.splice(0);
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return [Buffer.concat(read).toString('latin1', 0, 100), all()];
}
