import { Transform, type TransformCallback } from 'node:stream';
import { withoutNulls } from '../http/message.ts';

const NEWLINE = 10;

/**
 * Passes lines on without the members that are null, which many clients write for one they leave out: the SDK leaves a line
 * with `"params": null` or `"_meta": null` without an answer. Other lines pass as they came. A line without an end is kept
 * until the connection ends for its length (`lineTooLong`).
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
    // The SDK says what is wrong with it.
    return line;
  }
}
