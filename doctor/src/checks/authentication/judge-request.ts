import { codeOf, reactionOf, resultOf } from '../../answers.ts';
import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';
import type { Request } from '../../requests.ts';
import { fail, inconclusive, notApplicable, pass, type Verdict } from '../../verdict.ts';

const METHOD_NOT_FOUND = -32_601;

/**
 * Sends a request without the token, and compares the response with the one to the same request with it.
 *
 * @param headers a credential. @default - none
 */
export async function judgeRequest(
  probe: Probe,
  era: Era,
  { method, params }: Request,
  headers: Readonly<Record<string, string | undefined>> = { 'mcp-session-id': era.bareSession },
): Promise<Verdict> {
  const send = (options: object) => probe.ask(era, method, params, { ...options, echoes: true });
  const bare = await send({ auth: 'none', headers });
  const said = `${method}: ${probe.describe(bare)}`;
  const reaction = reactionOf(bare);
  if (reaction === 'denied') return pass(said);
  if (reaction === 'answered' && !isToolError(bare)) return fail(said);
  if (bare.failure === 'timeout') return inconclusive(said);
  if (!era.isServed) return inconclusive(`neither a result nor a refusal with 401 or 403: ${said}`);
  const full = await send({});
  if (reactionOf(full) === 'answered' && !isToolError(full)) {
    return pass(`refused, but not with 401: ${said}`);
  }
  const isOffered = ![METHOD_NOT_FOUND, undefined].includes(codeOf(full)) || isToolError(full);
  if (!isOffered) return notApplicable(`${method} is not offered`);
  return alike(bare, full)
    ? fail(`${said}; with a token the response is the same, so the request got past the authentication`)
    : pass(`refused, but not with 401: ${said}`);
}

const isToolError = (answer: Answer) => resultOf(answer)?.['isError'] === true;

const alike = (bare: Answer, full: Answer) =>
  bare.status === full.status && codeOf(bare) === codeOf(full) && isToolError(bare) === isToolError(full);
