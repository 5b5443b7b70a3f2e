import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { gather } from '../../service/gather.ts';

/** A stream of this many pieces. */
const pieces = (count: number, bytes: number) =>
  Readable.from(Array.from({ length: count }, () => Buffer.alloc(bytes, 'w')));

describe('a body', () => {
  test.each([
    ['empty', 0, 1, 0],
    ['of one piece', 1, 1000, 1000],
    ['that makes the buffer grow', 50, 16_000, 800_000],
    ['of exactly the bound', 10, 100_000, 1_000_000],
  ])('%s is complete', async (_what, count, bytes, length) => {
    const gathered = await gather(pieces(count, bytes), 1_000_000);
    expect([gathered.bytes.length, gathered.truncated]).toEqual([length, false]);
    expect(gathered.bytes.equals(Buffer.alloc(length, 'w'))).toBe(true);
  });

  test.each([
    ['one byte longer than the bound', [100, 1]],
    ['longer than the bound with its first piece', [200]],
    ['of many more', [99, 99, 99]],
  ])('%s is cut off there, and no more of it is read', async (_what, sizes) => {
    const source = new PassThrough();
    for (const size of sizes) source.write(Buffer.alloc(size, 'w'));
    const { bytes, truncated } = await gather(source, 100);
    expect([bytes.length, truncated, source.isPaused()]).toEqual([100, true, true]);
  });

  test.each([
    [4096, 1],
    [4227, 1],
    [10_000, 20],
    [20_000, 32],
  ])('in %i pieces of %i bytes is read', async (count, bytes) => {
    await expect(gather(pieces(count, bytes), 1_000_000)).resolves.toMatchObject({ truncated: false });
  });

  test.each([
    [4230, 1],
    [20_000, 20],
    [10_000, 0],
  ])('in %i pieces of %i bytes is refused', async (count, bytes) => {
    const source = new PassThrough({ writableHighWaterMark: 1_000_000, readableHighWaterMark: 1_000_000 });
    const gathering = gather(source, 1_000_000);
    // A stream drops empty pieces, unlike TLS records or chunks.
    for (let i = 0; i < count; i++) source.emit('data', Buffer.alloc(bytes, 'w'));
    await expect(gathering).rejects.toMatchObject({ code: 'TOO_MANY_PIECES' });
  });

  test.each([
    ['fails', new Error('broken'), 'broken'],
    ['is closed before its end', undefined, 'closed'],
  ])('that %s is an error, and so is one that failed before', async (_what, error, message) => {
    const source = new PassThrough();
    const gathering = gather(source, 100);
    source.destroy(error);
    await expect(gathering).rejects.toThrow(message);
    await expect(gather(source, 100)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});
