import type { Check } from '../../check.ts';
import type { Era } from '../../era.ts';
import type { Probe } from '../../probe.ts';
import { fail, inconclusive, pass, type Verdict, worst } from '../../verdict.ts';
import { askRaw, describeRaw, type RawBase } from '../raw-base.ts';

const chunked = (body: string) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`;

/** Each ambiguous framing with the clear one that it alters. */
const FRAMINGS: readonly (readonly [what: string, clear: RawBase, ambiguous: RawBase])[] = [
  [
    'Content-Length + Transfer-Encoding',
    { framing: () => ['Transfer-Encoding: chunked'], encode: chunked },
    { framing: (n) => [`Content-Length: ${n}`, 'Transfer-Encoding: chunked'], encode: chunked },
  ],
  ['two Content-Length fields', {}, { framing: (n) => [`Content-Length: ${n}`, `Content-Length: ${n + 1}`] }],
];

export const bodiesFraming: Check = {
  id: 'bodies/framing',
  title: 'A request with an ambiguous length is refused',
  fault: 'A request with an ambiguous length is accepted',
  severity: 'high',
  why: 'If a proxy and the server disagree on the length, one client sends requests as another',
  sends:
    'a list as raw bytes: Content-Length with Transfer-Encoding, and two different Content-Length fields',
  fix: 'Answer 400 and close the connection; if a proxy and a server disagree on the length, one client can send requests as another',
  frameworks: { 'Node.js': 'never set insecureHTTPParser' },
  reference: 'RFC 9112 §6.1, §6.3 (request smuggling)',
  baseline: 'answer',
  async run(probe) {
    const [era] = probe.known.eras;
    if (era === undefined) return inconclusive('the server answers in no known revision');
    const verdicts: Verdict[] = [];
    for (const framing of FRAMINGS) verdicts.push(await judge(probe, era, framing));
    return worst(verdicts);
  },
};

async function judge(
  probe: Probe,
  era: Era,
  [what, clear, ambiguous]: (typeof FRAMINGS)[number],
): Promise<Verdict> {
  const usual = await askRaw(probe, era, clear);
  if (usual.status === 0 || usual.status === 400)
    return inconclusive(`${what}: already the clear form gets ${describeRaw(usual)}`);
  const answer = await askRaw(probe, era, ambiguous);
  const said = `${what}: ${describeRaw(answer)}, without the ambiguity ${describeRaw(usual)}`;
  if (answer.silent) return inconclusive(said);
  return (answer.status === usual.status ? fail : pass)(said);
}
