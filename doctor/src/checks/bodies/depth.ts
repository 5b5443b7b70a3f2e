import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

const DEPTH = 20_000;

export const bodiesDepth: Check = {
  id: 'bodies/depth',
  title: 'Deeply nested JSON is handled safely',
  fault: 'Deeply nested JSON causes an internal error',
  severity: 'medium',
  why: 'A parser or validator that calls itself runs out of stack, and some processes end with it',
  sends: `a list with ${DEPTH} nested arrays`,
  fix: 'Limit the nesting depth (64 levels are plenty), and answer 400',
  frameworks: {
    '.NET': 'JsonSerializerOptions.MaxDepth = 64',
    Spring: 'StreamReadConstraints.maxNestingDepth(64)',
  },
  reference: 'RFC 8259 §9; CWE-674',
  baseline: 'request',
  async run(probe, era) {
    const { body, headers } = baseOf(era);
    const params = { ...(body['params'] as object), x: 0 };
    const nested = `"x":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`;
    const text = JSON.stringify({ ...body, params }).replace('"x":0', nested);
    const answer = await probe.send({ headers, body: text, echoes: true });
    const said = probe.describe(answer);
    // A worker of several may have ended, or a firewall may have closed the connection.
    if (answer.status === 0) return inconclusive(said);
    return (answer.status >= 500 && answer.status !== 501 ? fail : pass)(said);
  },
};
