import { isDenial, reactionOf, succeeded } from '../../answers.ts';
import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';
import type { SendOptions } from '../../sender.ts';
import { fail, inconclusive, pass, type Verdict, worst } from '../../verdict.ts';

/**
 * Uses credentials like a client: sends the unaltered request with each. If the response decides nothing, says hello with the
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
  const answers: [string, Answer][] = [[era.base, await probe.askBase(era, inSession(era.bareSession))]];
  const settled = () => answers.some(([, answer]) => reactionOf(answer) !== 'unclear');
  if (!settled() && reactionOf(era.bareHello) === 'denied') {
    answers.push([era.hello, await probe.post(era.helloMessage(), inSession(undefined))]);
  }
  if (!settled() && era.session !== undefined) {
    answers.push([`${era.base} in a session`, await probe.askBase(era, inSession(era.session))]);
  }
  return judge(probe, era, answers);
}

function judge(probe: Probe, era: Era, answers: readonly [string, Answer][]): Verdict {
  const say = (some: readonly [string, Answer][]) =>
    some.map(([method, answer]) => `${method}: ${probe.describe(answer)}`).join('; ');
  const through = answers.filter(([, answer]) => succeeded(answer) && !isDenial(answer));
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
