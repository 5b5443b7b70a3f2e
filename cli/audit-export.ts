import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { inOrder } from '../functions/audit-check/stream-check.ts';
import type { ChainCheck } from '../service/logging/audit-chain.ts';
import { ExportError, type ExportedLine, linesOf } from './export-lines.ts';
import { eventsOf } from './log-events.ts';

/** Text of lines that the log got in the same millisecond, in characters. */
const MAX_MOMENT = 16 * 1024 * 1024;

/** Checks an export to its end or its first bad line. @throws an error of the file */
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
  return check.records === 0 ? 'there is no audit record in it' : undefined;
}

/**
 * Reads an export in whatever form it comes, never more than a line (or a millisecond) of it at once: the lines
 * themselves, as the service or the archive writes them; those of an export task of CloudWatch Logs, each behind its time;
 * the JSON of `aws logs filter-log-events`. Each may be compressed with gzip, and several may follow one another.
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

/** Puts what the log got at one time into the order of the records' numbers, as the log itself keeps none there. */
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
      throw new ExportError(`${line.place}: too much has its time to be put in order`);
  }
  yield* ordered(moment);
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
    throw new ExportError('it is no whole gzip file');
  }
  // Node stops without an error where something else follows.
  if (gunzip.bytesWritten !== size) throw new ExportError('something that is no gzip follows the gzip file');
}

/** The first characters, byte by byte, and everything from the start. */
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
