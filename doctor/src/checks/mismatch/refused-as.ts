import { codeOf, succeeded } from '../../answers.ts';
import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import { baseOf, type Probe } from '../../probe.ts';
import { fail, inconclusive, pass, type Verdict } from '../../verdict.ts';

const HEADER_MISMATCH = -32_020;

export const MISMATCH_FIX =
  'Answer 400 with code -32020; otherwise a firewall decides by the header and the server acts on the body';
export const MISMATCH_WHY =
  'A firewall that allows and counts by the header allows one call, and the server runs another';
export const MISMATCH_REFERENCE = 'MCP 2026-07-28 Streamable HTTP, Standard Headers, Server Validation';

/** Passes if the server refuses the request because of the header. The same error as without the mismatch is no refusal. */
export function refusedAsMismatch(probe: Probe, answer: Answer, unaltered?: Answer): Verdict {
  const said = probe.describe(answer);
  if (answer.failure === 'timeout') return inconclusive(said);
  if (succeeded(answer)) return fail(said);
  if (unaltered !== undefined && codeOf(answer) === codeOf(unaltered) && answer.status === unaltered.status)
    return fail(`${said}; without the mismatch the response is the same`);
  const isNamed = answer.status === 400 && codeOf(answer) === HEADER_MISMATCH;
  return pass(isNamed ? said : `refused, but not with 400 and -32020: ${said}`);
}

/** Sends the unaltered request with other header fields than its body. */
export async function refusesHeaders(
  probe: Probe,
  era: Era,
  headers: Readonly<Record<string, string | undefined>>,
): Promise<Verdict> {
  return refusedAsMismatch(probe, await probe.post(baseOf(era), { headers }));
}
