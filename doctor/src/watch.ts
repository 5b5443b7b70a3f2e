import { setTimeout as sleep } from 'node:timers/promises';
import { isDenial, reactionOf, succeeded } from './answers.ts';
import type { Check } from './check.ts';
import type { Era } from './era.ts';
import type { Answer } from './exchange.ts';
import type { Gone, Probe } from './probe.ts';
import { Inconclusive, inconclusive, notApplicable } from './verdict.ts';

/** Pauses before the doctor asks a silent server again, in milliseconds. A supervisor may be restarting it. */
const PAUSES = [250, 1000, 2000];

/** Sends the unaltered request before and after each check. */
export interface Watch {
  /** Absent while the server answers. */
  readonly gone: Gone | undefined;
  /** @throws Inconclusive if the unaltered request of the check does not succeed, or is not applicable */
  ready(check: Check, era?: Era): Promise<void>;
  /** Ends the time in which a check is held responsible for the server. */
  release(check: Check): void;
}

type Outcome = 'fine' | 'other' | 'down';

export function createWatch(probe: Probe): Watch {
  const { known, target } = probe;
  let gone: Gone | undefined;
  /** The check that is running. Checks that only wait do not count. */
  let current: string | undefined;
  /** The last baseline that succeeded, and the number of requests until then. */
  let last: { readonly key: string; readonly spent: number } | undefined;

  /** Repeats a request while the server does not answer it. */
  async function insist(during: string, ask: () => Promise<Answer>, judge: (answer: Answer) => Outcome) {
    let answer = await ask();
    for (const pause of PAUSES) {
      if (judge(answer) !== 'down') break;
      await sleep(pause);
      answer = await ask();
    }
    const outcome = judge(answer);
    const said = probe.describe(answer);
    if (outcome === 'fine') return;
    if (outcome === 'down')
      gone = { during: current ?? during, evidence: said, closed: answer.failure !== 'timeout' };
    throw new Inconclusive(inconclusive(`the unaltered request did not succeed: ${said}`));
  }

  const isDown = ({ status }: Answer) => status === 0 || status >= 500;
  const judgeBase = (answer: Answer): Outcome =>
    succeeded(answer) ? 'fine' : isDown(answer) ? 'down' : 'other';

  async function base(during: string, era: Era): Promise<void> {
    const first = await probe.askBase(era);
    if (succeeded(first)) return;
    // The server may have ended the session.
    if (!isDown(first)) await era.renew();
    await insist(during, () => probe.askBase(era), judgeBase);
  }

  const bareOf = (era: Era) =>
    probe.askBase(era, { auth: 'none', headers: { 'mcp-session-id': era.bareSession } });
  const judgeLike =
    (before: Answer) =>
    (answer: Answer): Outcome =>
      answer.status === before.status && reactionOf(answer) === reactionOf(before)
        ? 'fine'
        : isDown(answer)
          ? 'down'
          : 'other';

  async function answers(during: string): Promise<void> {
    const [era] = known.eras;
    const ask = () => (era === undefined ? probe.send({ auth: 'none', body: '{}' }) : bareOf(era));
    await insist(during, ask, era === undefined ? (a) => (isDown(a) ? 'down' : 'fine') : judgeLike(era.bare));
  }

  async function send(check: Check, era: Era | undefined): Promise<void> {
    if (check.baseline === 'handshake') {
      if (!target.secure) throw new Inconclusive(notApplicable('the URL is plain HTTP'));
      const { protocol, failure } = await probe.handshake();
      if (protocol === undefined) throw new Inconclusive(inconclusive(`no TLS handshake (${failure})`));
    } else if (check.baseline === 'denial' && era !== undefined && !era.isServed) {
      const judge = (answer: Answer): Outcome =>
        isDenial(answer) ? 'fine' : isDown(answer) ? 'down' : 'other';
      const ask = () => (isDenial(era.bare) ? bareOf(era) : probe.post(era.helloMessage(), { auth: 'none' }));
      await insist(check.id, ask, judge);
    } else if (era !== undefined) {
      await base(check.id, era);
    } else if (check.baseline !== 'nothing') {
      await answers(check.id);
    }
  }

  return {
    get gone() {
      return gone;
    },
    async ready(check, era) {
      if (check.waits !== true) current = check.id;
      const key = era === undefined ? check.baseline : `${check.baseline} ${era.name}`;
      // Nothing was sent since the same request succeeded.
      if (last?.key === key && last.spent === probe.spent()) return;
      await send(check, era);
      last = { key, spent: probe.spent() };
    },
    release({ waits }) {
      if (waits !== true) current = undefined;
    },
  };
}
