import type { Check } from '../check.ts';
import { initializeMessage, legacyMessage } from '../messages.ts';
import { needAccess, succeeded } from '../probe.ts';
import { fail, inconclusive, notApplicable, pass } from '../verdict.ts';

/** Of a UUID, six of whose bits are fixed. */
const MIN_SESSION_BITS = 128;
/** Random hexadecimal ids agree in one place of sixteen; half is never chance. */
const MAX_LIKENESS = 0.5;

export const ERA_CHECKS: readonly Check[] = [
  {
    id: 'eras/current',
    title: 'The current revision, 2026-07-28, is spoken',
    severity: 'low',
    sends: 'server/discover and initialize',
    fix: 'Serve revision 2026-07-28 beside the older ones; it is stateless and binds headers to bodies',
    reference: 'MCP 2026-07-28 Versioning; server/discover',
    async run(probe) {
      needAccess(probe);
      const { modern, legacy } = probe.known;
      const old = legacy === undefined ? 'no handshake' : `handshake of ${legacy}`;
      return modern === undefined ? fail(`only older: ${old}`) : pass(`${modern.join(', ')}; ${old}`);
    },
  },
  {
    id: 'eras/unsupported-version',
    title: 'A version that nobody speaks is refused',
    severity: 'low',
    sends: 'tools/list with MCP-Protocol-Version: 1999-01-01',
    fix: 'Answer 400, since 2026-07-28 with code -32022 and the supported versions',
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
    title: 'Session ids cannot be guessed',
    severity: 'high',
    sends: 'initialize three times; each session is ended with DELETE',
    fix: 'Take session ids from a secure random source, at least 128 bits; better, have no sessions',
    reference: 'MCP 2025-11-25 Transports, Session Management',
    async run(probe) {
      needAccess(probe);
      if (probe.known.legacy === undefined) return notApplicable('there is no handshake');
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) {
        const answer = await probe.post(initializeMessage());
        if (!succeeded(answer)) return inconclusive(probe.describe(answer));
        const id = answer.headers['mcp-session-id'];
        if (id === undefined) return notApplicable('the server opens no sessions');
        ids.push(id);
      }
      const bits = Math.min(...ids.map(bitsOf));
      const visible = ids.every((id) => /^[\x21-\x7e]+$/.test(id));
      const alike = Math.max(
        ...ids.map((id, index) => likeness(id, ids[(index + 1) % ids.length] as string)),
      );
      const good = visible && bits >= MIN_SESSION_BITS && alike <= MAX_LIKENESS;
      // An id is as good as a password, so only its size is told.
      return (good ? pass : fail)(
        `${ids[0]?.length} characters, at most ${Math.floor(bits)} bits, ${Math.round(alike * 100)} % the same in two`,
      );
    },
  },
];

/** Most randomness that an id of these characters can have. */
function bitsOf(id: string): number {
  const alphabet = /^\d+$/.test(id) ? 10 : /^[0-9a-f-]+$/i.test(id) ? 16 : 64;
  return id.replaceAll('-', '').length * Math.log2(alphabet);
}

/** Share of the characters that two ids have in common, place by place; a counter's ids have nearly all. */
function likeness(one: string, other: string): number {
  const same = [...one].filter((character, index) => character !== '-' && character === other[index]).length;
  return same / Math.max(one.replaceAll('-', '').length, 1);
}
