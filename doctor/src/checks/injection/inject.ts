import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';
import { type ListedTool, type TextArgument, textArgumentsOf } from '../../tool-arguments.ts';
import { fail, Inconclusive, inconclusive, notApplicable, pass, type Verdict } from '../../verdict.ts';
import { toolText } from '../tool-text.ts';

/** Arguments that are tried in one run. */
export const MAX_ARGUMENTS = 8;

export interface Payload {
  readonly text: string;
  /** Matches an answer only if the payload worked. */
  readonly works: RegExp;
}

/** A text that makes a command wait for this many seconds, for tools whose answer shows nothing of it. */
export type Delay = (seconds: number) => string;
const DELAY_SECONDS = 2;

/**
 * Calls tools with a harmless text and then with each payload. Fails if an answer shows that one worked.
 *
 * @param order the arguments to try first
 */
export async function resists(
  probe: Probe,
  order: (argument: TextArgument) => boolean,
  harmless: string,
  payloads: readonly Payload[],
  delays: readonly Delay[] = [],
): Promise<Verdict> {
  const era = probe.known.eras.find(({ isServed }) => isServed);
  if (era === undefined) return inconclusive('no era is served');
  const targets = targetsOf(probe, order);
  const doubts: string[] = [];
  for (const [tool, argument] of targets) {
    const verdict = await tryArgument(probe, era, [tool, argument], harmless, payloads, delays);
    if (verdict.outcome === 'fail') return verdict;
    if (verdict.outcome === 'inconclusive') doubts.push(verdict.evidence);
  }
  if (doubts.length > 0) return inconclusive(doubts.join('; '));
  const names = targets.map(([tool, { path }]) => `${tool.name}.${path.join('.')}`);
  return pass(`${payloads.length} texts had no effect in ${names.join(', ')}`);
}

/** @throws Inconclusive without --inject, or if no tool with a text argument may be called */
function targetsOf(
  { known, toolCalls }: Probe,
  order: (argument: TextArgument) => boolean,
): readonly (readonly [ListedTool, TextArgument])[] {
  const withText = known.tools.filter((tool) => textArgumentsOf(tool).length > 0);
  if (withText.length === 0) throw new Inconclusive(notApplicable('no tool takes a text'));
  toolCalls.need(withText);
  return toolCalls.callable
    .flatMap((tool) => textArgumentsOf(tool).map((argument) => [tool, argument] as const))
    .sort(([, a], [, b]) => Number(order(b)) - Number(order(a)))
    .slice(0, MAX_ARGUMENTS);
}

async function tryArgument(
  probe: Probe,
  era: Era,
  [tool, argument]: readonly [ListedTool, TextArgument],
  harmless: string,
  payloads: readonly Payload[],
  delays: readonly Delay[],
): Promise<Verdict> {
  const call = (text: string): Promise<Answer> =>
    probe.ask(era, 'tools/call', { name: tool.name, arguments: argument.fill(text) }, { echoes: true });
  const name = `${tool.name}.${argument.path.join('.')}`;
  const usual = await call(harmless);
  let silent = 0;
  for (const { text, works } of payloads) {
    if (works.test(toolText(usual))) return inconclusive(`${name}: also the harmless text has this answer`);
    const answer = await call(text);
    if (answer.failure === 'timeout') silent += 1;
    if (works.test(toolText(answer).replaceAll(text, '')))
      return fail(`${name} with ${JSON.stringify(text)}: ${probe.describe(answer)}`);
  }
  for (const delay of delays) {
    const text = JSON.stringify(delay(DELAY_SECONDS));
    if (await waits(call, delay)) return fail(`${name} with ${text}: the answer comes as much later`);
  }
  return silent > 0 ? inconclusive(`${name}: no response in time to ${silent} texts`) : pass(name);
}

/** Whether the answer comes later by the delay, without it at once, and with it later again: no server is that slow by chance. */
async function waits(call: (text: string) => Promise<Answer>, delay: Delay): Promise<boolean> {
  const isLate = async (seconds: number) => {
    const start = performance.now();
    const { failure } = await call(delay(seconds));
    return failure === undefined && performance.now() - start >= DELAY_SECONDS * 1000;
  };
  return (await isLate(DELAY_SECONDS)) && !(await isLate(0)) && (await isLate(DELAY_SECONDS));
}
