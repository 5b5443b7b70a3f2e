import { Transform, type TransformCallback } from 'node:stream';
import { withoutNulls } from '../http/message.ts';

const NEWLINE = 10;

/**
 * Drops null members, which many clients write for absent ones, from each line: the SDK does not respond to a line with
 * `"params": null` or `"_meta": null`. Other lines pass unchanged. A line without an end is kept until its length ends
 * the connection (`lineTooLong`).
 */
export function dropNullsOfLines(): Transform {
  let begun: Buffer[] = [];
  return new Transform({
    transform(piece: Buffer, _encoding, done: TransformCallback) {
      const end = piece.lastIndexOf(NEWLINE) + 1;
      if (end === 0) {
        begun.push(piece);
        done();
        return;
      }
      const lines = Buffer.concat([...begun, piece.subarray(0, end)]).toString('utf8');
      begun = [piece.subarray(end)];
      done(null, lines.split('\n').map(dropNulls).join('\n'));
    },
  });
}

function dropNulls(line: string): string {
  if (!line.includes('null')) return line;
  try {
    return JSON.stringify(withoutNulls(JSON.parse(line)));
  } catch {
    // The SDK reports the problem.
    return line;
  }
}
