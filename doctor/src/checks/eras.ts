import type { Check } from '../check.ts';
import { initializeMessage, legacyMessage } from '../messages.ts';
import { needAccess, succeeded } from '../probe.ts';
import { fail, inconclusive, notApplicable, pass } from '../verdict.ts';

/** The length of a UUID, although six of its bits are fixed. */
const MIN_SESSION_BITS = 128;
/** Two random hexadecimal IDs share about one character in sixteen. Half is no coincidence. */
const MAX_LIKENESS = 0.5;

export const ERA_CHECKS: readonly Check[] = [
  {
    id: 'eras/current',
    title: 'The server supports the current revision, 2026-07-28',
    severity: 'low',
    sends: 'server/discover and initialize',
    fix: 'Support revision 2026-07-28 in addition to the older ones; it is stateless and binds headers to bodies',
    reference: 'MCP 2026-07-28 Versioning; server/discover',
    async run(probe) {
      needAccess(probe);
      const { modern, legacy } = probe.known;
      const old = legacy === undefined ? 'no handshake' : `handshake ${legacy}`;
      return modern === undefined ? fail(`not supported; ${old}`) : pass(`${modern.join(', ')}; ${old}`);
    },
  },
  {
    id: 'eras/unsupported-version',
    title: 'An unknown protocol version is refused',
    severity: 'low',
    sends: 'tools/list with MCP-Protocol-Version: 1999-01-01',
    fix: 'Answer 400; from revision 2026-07-28 on, add code -32022 and the supported versions',
    reference: 'MCP 2026-07-28 Streamable HTTP, Protocol Version Header; 2025-11-25 Transports',
    async run(probe) {
      needAccess(probe);
      const { session } = probe.known;
      const answer = await probe.post(legacyMessage('tools/list', {}, { version: '1999-01-01', session }));
      return (answer.status === 400 ? pass : fail)(probe.describe(answer));
    },
  },
  {
    id: 'eras/session-ids',
    title: 'Session IDs cannot be guessed',
    severity: 'high',
    sends: 'initialize three times; the doctor ends each session with DELETE',
    fix: 'Generate session IDs with at least 128 bits from a secure random source; better, do not use sessions',
    reference: 'MCP 2025-11-25 Transports, Session Management',
    async run(probe) {
      needAccess(probe);
      if (probe.known.legacy === undefined) return notApplicable('the server does not support the handshake');
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const answer = await probe.post(initializeMessage());
        if (!succeeded(answer)) return inconclusive(probe.describe(answer));
        const id = answer.headers['mcp-session-id'];
        if (id === undefined) return notApplicable('the server does not use sessions');
        ids.push(id);
      }
      const bits = Math.min(...ids.map(bitsOf));
      const visible = ids.every((id) => /^[\x21-\x7e]+$/.test(id));
      const alike = Math.max(
        ...ids.map((id, index) => likeness(id, ids[(index + 1) % ids.length] as string)),
      );
      const good = visible && bits >= MIN_SESSION_BITS && alike <= MAX_LIKENESS;
      // A session ID is a credential, so the evidence contains only its length.
      return (good ? pass : fail)(
        `${ids[0]?.length} characters, at most ${Math.floor(bits)} bits, ${Math.round(alike * 100)} % equal in two IDs`,
      );
    },
  },
];

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
