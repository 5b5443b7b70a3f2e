import { succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

/** The length of a UUID, although six of its bits are fixed. */
const MIN_SESSION_BITS = 128;
/** Two random hexadecimal IDs share about one character in sixteen. Half is no coincidence. */
const MAX_LIKENESS = 0.5;

export const erasSessionIds: Check = {
  id: 'eras/session-ids',
  title: 'Session IDs cannot be guessed',
  fault: 'Session IDs can be guessed',
  severity: 'high',
  why: 'A client finds the session of another and reads its messages',
  sends: 'initialize three times; the doctor ends each session with DELETE',
  fix: 'Generate session IDs with at least 128 bits from a secure random source; better, do not use sessions',
  frameworks: { 'TypeScript SDK': 'sessionIdGenerator: () => randomUUID()' },
  reference: 'MCP 2025-11-25 Transports, Session Management',
  baseline: 'session request',
  async run(probe, era) {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const answer = await probe.post(era.helloMessage());
      const id = answer.headers['mcp-session-id'];
      if (!succeeded(answer) || id === undefined) return inconclusive(probe.describe(answer));
      ids.push(id);
    }
    const bits = Math.min(...ids.map(bitsOf));
    const visible = ids.every((id) => /^[\x21-\x7e]+$/.test(id));
    const alike = Math.max(...ids.map((id, index) => likeness(id, ids[(index + 1) % ids.length] as string)));
    const good = visible && bits >= MIN_SESSION_BITS && alike <= MAX_LIKENESS;
    // A session ID is a credential, so the evidence contains only its length.
    return (good ? pass : fail)(
      `${ids[0]?.length} characters, at most ${Math.floor(bits)} bits, ${Math.round(alike * 100)} % equal in two IDs`,
    );
  },
};

/** Upper bound of the randomness of an ID with these characters. */
function bitsOf(id: string): number {
  const alphabet = /^\d+$/.test(id) ? 10 : /^[0-9a-f-]+$/i.test(id) ? 16 : 64;
  return id.replaceAll('-', '').length * Math.log2(alphabet);
}

/** Share of equal characters at equal positions. IDs from a counter share nearly all of them. */
function likeness(one: string, other: string): number {
  const same = [...one].filter((character, index) => character !== '-' && character === other[index]).length;
  return same / Math.max(one.replaceAll('-', '').length, 1);
}
