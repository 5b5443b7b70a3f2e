import { setTimeout as sleep } from 'node:timers/promises';
import { type Canary, startCanary } from '../../canary.ts';
import type { Era } from '../../era.ts';
import type { Answer } from '../../exchange.ts';
import type { Probe } from '../../probe.ts';
import { type ListedTool, type TextArgument, urlArgumentsOf } from '../../tool-arguments.ts';
import { fail, Inconclusive, inconclusive, notApplicable, pass, type Verdict, worst } from '../../verdict.ts';
import { isToolResult, toolText } from '../tool-text.ts';

/** Arguments that are tried in one run. */
export const MAX_ARGUMENTS = 12;
/** Reserved for examples and harmless. */
const HARMLESS = 'https://example.com/';
/** A connection that the tool makes may arrive shortly after its answer. */
const GRACE_MS = 30;
/** A tool may fetch only after its answer, from a queue. */
const LATE_MS = 500;

/** Errors of a connection that was attempted. */
const CONNECTED =
  /ECONN(?:REFUSED|RESET|ABORTED)|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EPROTO|connection (?:was )?(?:refused|reset|aborted|timed out)|connect(?:ion)? (?:error|failed|timeout)|socket hang up|no route to host|network is unreachable|actively refused|max retries exceeded|wrong version number|ssl(?:_error| routines|error)|certificate (?:verify|has expired|is not)/i;
const UNRESOLVED = /ENOTFOUND|EAI_AGAIN|getaddrinfo|name or service not known|no such host|name resolution/i;
/** Words of a refusal. A general error is none, because a fetch that failed looks the same. */
const REFUSAL =
  /refus|reject|block|forbid|den(?:y|ied)|disallow|(?:may|must) not be (?:fetched|opened)|not (?:be )?(?:allowed|permitted|supported|accepted|authorized|a valid)|unsupported|invalid (?:url|uri|address|host|scheme|protocol|input|argument|param)|prohibit|(?:private|internal|local|reserved|restricted) (?:address|host|ip|network|range|url|resource)|loopback|must (?:use|be|start|begin)|only (?:https?|public)|unsafe|illegal|allow-?list|whitelist|can(?:no|')t be (?:accessed|used|opened|fetched)|will not/i;
/** Content of the files and services that the URLs name. */
const LOOT =
  /root:[^:\n]{0,40}:0:0:|ami-id|instance-id|AccessKeyId|SecretAccessKey|computeMetadata|service-accounts|iam\/security-credentials/i;

export interface Lure {
  readonly url: string;
  /** Whether the URL leads to the canary. */
  readonly isCanary?: boolean;
  /** Text that only the content of the URL has. */
  readonly content?: string;
}

/** Calls every tool that takes a URL, first with a harmless one. Passes if none follows a lure. */
export async function refusesLures(
  probe: Probe,
  luresFor: (canary: Canary | undefined) => readonly Lure[],
): Promise<Verdict> {
  const era = probe.known.eras.find(({ isServed }) => isServed);
  const { tried, untried } = targetsOf(probe);
  if (era === undefined) return inconclusive('no era is served');
  const canary = await startCanary(probe.target, probe.options.canary);
  try {
    const verdicts: Verdict[] = [];
    for (const [tool, argument] of tried) {
      verdicts.push(await judgeTool(probe, era, tool, argument, canary, luresFor(canary)));
    }
    if (canary !== undefined && worst(verdicts).outcome !== 'fail') {
      await sleep(LATE_MS);
      if (canary.hits() > 0)
        verdicts.push(fail(`a tool connected to the canary after its answer: ${namesOf(tried)}`));
    }
    if (untried.length > 0) verdicts.push(inconclusive(`not tried: ${untried.join(', ')}`));
    return worst(verdicts);
  } finally {
    canary?.close();
  }
}

type UrlArgument = readonly [tool: ListedTool, argument: TextArgument];

const namesOf = (some: readonly UrlArgument[]) =>
  [...new Set(some.map(([{ name }]) => name))].slice(0, 5).join(', ');

/**
 * The URL arguments of tools that may be called, the likeliest of each tool first, and what is left out: a pass that is
 * silent about these would be wrong.
 *
 * @throws Inconclusive if no tool takes a URL, or none of those may be called
 */
function targetsOf({ known, toolCalls }: Probe): {
  readonly tried: readonly UrlArgument[];
  readonly untried: readonly string[];
} {
  const withUrl = known.tools.filter((tool) => urlArgumentsOf(tool).length > 0);
  if (withUrl.length === 0) throw new Inconclusive(notApplicable('no tool takes a URL'));
  toolCalls.need(withUrl);
  const callable = withUrl.filter((tool) => toolCalls.callable.includes(tool));
  const ranked = callable.flatMap((tool) =>
    urlArgumentsOf(tool).map((argument, rank) => ({ rank, one: [tool, argument] as const })),
  );
  const all = ranked.sort((a, b) => a.rank - b.rank).map(({ one }) => one);
  const forbidden = withUrl.filter((tool) => !callable.includes(tool)).map(({ name }) => name);
  const more = all.slice(MAX_ARGUMENTS).map(([{ name }, { path }]) => `${name}.${path.join('.')}`);
  const untried = [
    ...(forbidden.length > 0 ? [`${listed(forbidden)} (needs --call-tools)`] : []),
    ...(more.length > 0 ? [listed(more)] : []),
  ];
  return { tried: all.slice(0, MAX_ARGUMENTS), untried };
}

const listed = (names: readonly string[]) =>
  names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');

async function judgeTool(
  probe: Probe,
  era: Era,
  tool: ListedTool,
  argument: TextArgument,
  canary: Canary | undefined,
  lures: readonly Lure[],
): Promise<Verdict> {
  const call = (url: string) =>
    probe.ask(era, 'tools/call', { name: tool.name, arguments: argument.fill(url) }, { echoes: true });
  const usualText = without(toolText(await call(HARMLESS)), HARMLESS);
  const verdicts: Verdict[] = [];
  /**
   * Answers to URLs of the canary to which no connection came. A target in a container of this machine may be unable to
   * reach the canary: then this shows nothing, and `--canary` gives the tool a URL that it can reach.
   */
  const refusals = new Set<string>();
  const inOrder = [...lures].sort((a, b) => Number(b.isCanary ?? false) - Number(a.isCanary ?? false));
  for (const lure of inOrder) {
    const before = canary?.hits() ?? 0;
    const answer = await call(lure.url);
    if (lure.isCanary) await sleep(GRACE_MS);
    const isHit = (canary?.hits() ?? 0) > before;
    const said = `${tool.name} with ${lure.url}: ${probe.describe(answer)}`;
    if (lure.isCanary && !isHit) refusals.add(without(toolText(answer), lure.url));
    const context = { said, usualText, refusals };
    verdicts.push(isHit ? fail(`the tool connected to the canary: ${said}`) : judge(lure, answer, context));
  }
  const whole = worst(verdicts);
  if (whole.outcome !== 'pass') return whole;
  return pass(`${lures.length} URLs refused by ${tool.name}: ${verdicts[0]?.evidence}`);
}

/** A refusal may repeat the URL, and so may the answer to the harmless one. */
const without = (text: string, url: string) =>
  text.replaceAll(url, '').replaceAll(JSON.stringify(url).slice(1, -1), '');

function judge(
  { url, isCanary, content }: Lure,
  answer: Answer,
  { said, usualText, refusals }: { said: string; usualText: string; refusals: ReadonlySet<string> },
): Verdict {
  if (answer.failure === 'timeout') return inconclusive(said);
  const text = without(toolText(answer), url);
  if (LOOT.test(text) || (content !== undefined && text.includes(content))) return fail(said);
  const isHttp = /^https?:/.test(url);
  // An HTTP client refuses an unknown scheme with similar messages.
  if (CONNECTED.test(text) && text === usualText)
    return inconclusive(`the same error for ${HARMLESS}: ${said}`);
  if (CONNECTED.test(text)) {
    return isHttp
      ? fail(`the tool tried to connect: ${said}`)
      : inconclusive(`the tool may have tried: ${said}`);
  }
  if (!isHttp && /ENOENT|no such file|EISDIR/i.test(text)) return fail(`the tool tried to open it: ${said}`);
  if (UNRESOLVED.test(text)) return notApplicable(`the name does not resolve: ${said}`);
  if (REFUSAL.test(text)) return pass(said);
  // The canary is where the tool would have connected to.
  if (isCanary) return pass(`no connection: ${said}`);
  const looksAlike = isToolResult(answer)
    ? 'neither a refusal nor a fetch is visible'
    : 'a failed fetch looks the same';
  return refusals.has(text) ? pass(said) : inconclusive(`${looksAlike}: ${said}`);
}
