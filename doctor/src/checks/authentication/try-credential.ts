import { codeOf, isDenial, reactionOf, succeeded } from '../../answers.ts';
import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';
import type { SendOptions } from '../../sender.ts';
import { fail, inconclusive, pass, type Verdict, worst } from '../../verdict.ts';

/**
 * Uses credentials like a client: sends a request that needs a token with each. If the response decides nothing, says hello with the
 * credential and sends the request in the session that it got. 401 and 403 are refusals. If the same request succeeds with
 * the real token, any other refusal counts too.
 */
export async function tryCredentials(
  probe: Probe,
  era: Era,
  credentials: readonly SendOptions[],
): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const credential of credentials) verdicts.push(await tryCredential(probe, era, credential));
  return worst(verdicts);
}

async function tryCredential(probe: Probe, era: Era, credential: SendOptions): Promise<Verdict> {
  const inSession = (id: string | undefined): SendOptions => ({
    ...{ ...credential, auth: 'none' },
    headers: { 'mcp-session-id': id, ...credential.headers },
  });
  const { method, params } = (await probe.guardedOf(era)) ?? { method: era.base, params: {} };
  const ask = (session: string | undefined) =>
    method === era.base
      ? probe.askBase(era, inSession(session))
      : probe.ask(era, method, params, { ...inSession(session), echoes: true });
  const answers: [string, Answer][] = [[method, await ask(era.bareSession)]];
  const settled = () => answers.some(([, answer]) => reactionOf(answer) !== 'unclear');
  if (!settled() && reactionOf(era.bareHello) === 'denied') {
    answers.push([era.hello, await probe.post(era.helloMessage(), inSession(undefined))]);
  }
  if (!settled() && era.session !== undefined) {
    answers.push([`${method} in a session`, await ask(era.session)]);
  }
  return judge(probe, era, answers, method !== era.base);
}

/** @param isCall whether the request is a call that is denied without a token, so that wrong arguments show an open door */
function judge(probe: Probe, era: Era, answers: readonly [string, Answer][], isCall: boolean): Verdict {
  const say = (some: readonly [string, Answer][]) =>
    some.map(([method, answer]) => `${method}: ${probe.describe(answer)}`).join('; ');
  const through = answers.filter(
    ([, answer]) => (succeeded(answer) || (isCall && codeOf(answer) === -32_602)) && !isDenial(answer),
  );
  if (through.length > 0) return fail(`accepted: ${say(through)}`);
  const denied = answers.filter(([, answer]) => isDenial(answer));
  if (denied.length > 0) return pass(say(denied));
  const isSilent = answers.some(([, { failure }]) => failure === 'timeout');
  if (isSilent || !era.isServed) {
    return inconclusive(`neither a result nor a refusal with 401 or 403: ${say(answers)}`);
  }
  return pass(`refused, but not with 401: ${say(answers)}`);
}

export const bearer = (token: string): SendOptions => ({ headers: { authorization: `Bearer ${token}` } });
