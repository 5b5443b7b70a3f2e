import { refused, succeeded } from '../../answers.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';
import { fail, inconclusive, pass, type Verdict } from '../../verdict.ts';

/** Passes if the server refuses a malformed message with an error. An internal error refuses it too. */
export function refusedMessage(probe: Probe, what: string, answer: Answer): Verdict {
  const said = `${what}: ${probe.describe(answer)}`;
  if (answer.failure === 'timeout') return inconclusive(said);
  const isRefused = refused(answer) || answer.status >= 500 || answer.status === 0;
  return (isRefused && !succeeded(answer) ? pass : fail)(said);
}
