import { gzipSync } from 'node:zlib';
import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { oversized } from './oversize.ts';

const BOMB_MIB = 16;

export const bodiesBomb: Check = {
  id: 'bodies/bomb',
  title: 'A compression bomb is refused',
  fault: 'A compression bomb is unpacked',
  severity: 'medium',
  why: 'A few kilobytes fill the memory of the server',
  sends: `a list with ${BOMB_MIB} MiB of white space, gzipped to about ${BOMB_MIB} KiB`,
  fix: 'Answer 415 to Content-Encoding, or limit the size after decompression',
  frameworks: { Express: "express.json({ inflate: false, limit: '1mb' })" },
  reference: 'RFC 9110 §15.5.16; CWE-409',
  baseline: 'request',
  async run({ askBase, describe }, era) {
    const body = gzipSync(oversized(era, BOMB_MIB));
    const answer = await askBase(era, { headers: { 'content-encoding': 'gzip' }, body });
    return unanswered(describe(answer), answer);
  },
};
