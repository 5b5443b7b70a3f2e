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
  readonly stumbles: readonly Gone[];
  /** @throws Inconclusive if the unaltered request of the check does not succeed, or is not applicable */
  ready(check: Check, era?: Era): Promise<void>;
  /** Ends the time in which a check is held responsible for the server. */
  release(check: Check): void;
}

type Outcome = 'fine' | 'other' | 'down';

/** A request, and how to judge its response. */
interface Baseline {
  ask(): Promise<Answer>;
  judge(answer: Answer): Outcome;
}

export function createWatch(probe: Probe): Watch {
  let gone: Gone | undefined;
  const stumbles: Gone[] = [];
  /** The check that is running. Checks that only wait do not count. */
  let current: string | undefined;
  /** The checks that wait meanwhile, which may be the cause too. */
  const waiting = new Set<string>();
  /** The last baseline that succeeded, and the number of requests until then. */
  let last: { readonly key: string; readonly spent: number } | undefined;

  /** Repeats a request while the server does not answer it. */
  async function insist(check: Check, { ask, judge }: Baseline): Promise<void> {
    const first = await ask();
    let answer = first;
    for (const pause of PAUSES) {
      if (judge(answer) !== 'down') break;
      await sleep(pause);
      answer = await ask();
    }
    const outcome = judge(answer);
    const during = [...new Set([current ?? check.id, ...waiting])].join(' or ');
    if (outcome === 'fine' && answer === first) return;
    if (outcome === 'fine') {
      const evidence = probe.describe(first);
      stumbles.push({ during, evidence, closed: first.failure !== 'timeout' });
      throw new Inconclusive(inconclusive(`the server did not answer for a moment: ${evidence}`));
    }
    const evidence = probe.describe(answer);
    // A check that waits may notice it again.
    if (outcome === 'down') gone ??= { during, evidence, closed: answer.failure !== 'timeout' };
    throw new Inconclusive(inconclusive(`the unaltered request did not succeed: ${evidence}`));
  }

  return {
    get gone() {
      return gone;
    },
    stumbles,
    async ready(check, era) {
      if (check.waits === true) waiting.add(check.id);
      else current = check.id;
      const key = era === undefined ? check.baseline : `${check.baseline} ${era.name}`;
      // Nothing was sent since the same request succeeded.
      if (last?.key === key && last.spent === probe.spent()) return;
      if (check.baseline === 'handshake') await shakeHands(probe);
      else if (check.baseline !== 'nothing') await insist(check, baselineOf(check, era, probe));
      last = { key, spent: probe.spent() };
    },
    release({ id, waits }) {
      if (waits === true) waiting.delete(id);
      else current = undefined;
    },
  };
}

async function shakeHands({ target, handshake }: Probe): Promise<void> {
  if (!target.secure) throw new Inconclusive(notApplicable('the URL is plain HTTP'));
  const { protocol, failure } = await handshake();
  if (protocol === undefined) throw new Inconclusive(inconclusive(`no TLS handshake (${failure})`));
}

const isDown = ({ status }: Answer) => status === 0 || status >= 500;
const judgeBy =
  (isFine: (answer: Answer) => boolean) =>
  (answer: Answer): Outcome =>
    isFine(answer) ? 'fine' : isDown(answer) ? 'down' : 'other';

function baselineOf(check: Check, era: Era | undefined, probe: Probe): Baseline {
  const bareOf = (one: Era) =>
    probe.askBase(one, { auth: 'none', headers: { 'mcp-session-id': one.bareSession } });
  if (era === undefined) {
    const [first] = probe.known.eras;
    if (first === undefined)
      return {
        ask: () => probe.send({ auth: 'none', body: '{}' }),
        judge: judgeBy((answer) => !isDown(answer)),
      };
    const { status } = first.bare;
    const isSame = (answer: Answer) =>
      answer.status === status && reactionOf(answer) === reactionOf(first.bare);
    return { ask: () => bareOf(first), judge: judgeBy(isSame) };
  }
  if (check.baseline === 'denial' && !era.isServed) {
    const usual = isDenial(era.bare) ? era.bare : era.bareHello;
    const ask = () => (usual === era.bare ? bareOf(era) : probe.post(era.helloMessage(), { auth: 'none' }));
    // Another status than at first, such as 403 after 401, may be a firewall that refuses everything by now.
    const isSame = (answer: Answer) => isDenial(answer) && answer.status === usual.status;
    return { ask, judge: judgeBy((answer) => isSame(answer) || isOpenIn(era, answer)) };
  }
  let mayRenew = true;
  return {
    judge: judgeBy(succeeded),
    async ask() {
      const answer = await probe.askBase(era);
      if (succeeded(answer) || isDown(answer) || !mayRenew) return answer;
      // The server may have ended the session, or lost it in a restart.
      mayRenew = false;
      await era.renew();
      return await probe.askBase(era);
    },
  };
}

/** In an era with an open list, another request is denied. */
const isOpenIn = ({ access }: Era, answer: Answer) => access === 'answered' && succeeded(answer);
