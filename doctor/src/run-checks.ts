import type { Check, EraCheck, Finding } from './check.ts';
import { curlOf } from './curl.ts';
import type { Era } from './era.ts';
import type { Probe } from './probe.ts';
import { Inconclusive, inconclusive, notApplicable, type Verdict, worst } from './verdict.ts';
import type { Watch } from './watch.ts';

interface Run {
  readonly probe: Probe;
  readonly watch: Watch;
  readonly signal?: AbortSignal | undefined;
  /** Called when only this check is left to wait for, and those after it. */
  readonly onWait?: ((id: string) => void) | undefined;
}

/** Runs the checks one after the other, each between two unaltered requests. A server that stops answering ends the run. */
export async function* runChecks(checks: readonly Check[], run: Run): AsyncGenerator<Finding> {
  const waiting = checks
    .filter(({ waits }) => waits === true)
    .map((check) => [check.id, startWaiting(check, run)] as const);
  for (const check of checks) {
    if (check.waits !== true) yield await timed(check, run, () => verdictOn(check, run));
  }
  for (const [id, finish] of waiting) {
    run.onWait?.(id);
    yield await finish();
  }
}

/** Starts a check that only waits. A server that stops answering meanwhile decides nothing. */
function startWaiting(check: Check, run: Run): () => Promise<Finding> {
  const verdict = caught(() => verdictOn(check, run));
  return () => timed(check, run, () => verdict);
}

async function timed(check: Check, run: Run, verdict: () => Promise<Verdict>): Promise<Finding> {
  const start = performance.now();
  const {
    run: _run,
    fault,
    baseline: _baseline,
    waits: _waits,
    exhausts: _exhausts,
    option: _option,
    ...about
  } = check;
  const {
    outcome,
    evidence,
    severity = check.severity,
    repeat,
  } = await caught(() => interruptible(run, verdict));
  return {
    ...{ ...about, title: outcome === 'fail' ? fault : check.title, outcome, severity },
    evidence: run.probe.clean(evidence),
    ...(outcome === 'fail' && repeat !== undefined ? { repeat } : {}),
    milliseconds: Math.round(performance.now() - start),
  };
}

/** The verdict, or that the run was interrupted, whichever is first. */
async function interruptible({ signal }: Run, verdict: () => Promise<Verdict>): Promise<Verdict> {
  const interrupted = inconclusive('not run: the run was interrupted');
  if (signal === undefined) return await verdict();
  if (signal.aborted) return interrupted;
  return await new Promise((resolve, reject) => {
    const stop = () => resolve(interrupted);
    signal.addEventListener('abort', stop, { once: true });
    void verdict()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

async function verdictOn(check: Check, { probe, watch }: Run): Promise<Verdict> {
  const [option, hint = ''] = check.option ?? [];
  const value = option === 'issuer' ? probe.issuer : option && probe.options[option];
  if (option !== undefined && !value) return notApplicable(hint);
  if (watch.gone !== undefined && check.id !== AFTERMATH) {
    return inconclusive(`not run: the server stopped answering during ${watch.gone.during}`);
  }
  if (!isPerEra(check)) {
    const { eras, noAccess } = probe.known;
    const isUnknown = check.baseline === 'answer' && eras.length === 0;
    if ((check.baseline === 'access' || isUnknown) && noAccess !== undefined) return inconclusive(noAccess);
    return await between(check, undefined, { probe, watch }, () => check.run(probe));
  }
  const verdicts: Verdict[] = [];
  const eras = await erasFor(check, probe);
  for (const era of eras) {
    const verdict = await between(check, era, { probe, watch }, () => check.run(probe, era));
    verdicts.push(verdict);
    if (watch.gone !== undefined) break;
  }
  // Answers that differ in the ID of the request only are the same.
  const isSame = new Set(verdicts.map(({ evidence }) => evidence.replace(/"id": ?\d+/g, ''))).size === 1;
  const named = verdicts.map(({ evidence, ...verdict }, index) => ({
    ...verdict,
    evidence: isSame ? (verdicts[0]?.evidence ?? evidence) : `${eras[index]?.name}: ${evidence}`,
  }));
  const repeat = verdicts.find(({ outcome }) => outcome === 'fail')?.repeat;
  return { ...worst(named), repeat };
}

/** The check that reports a server that stopped answering. */
export const AFTERMATH = 'surface/still-answers';

function isPerEra(check: Check): check is EraCheck {
  return ['request', 'modern request', 'session request', 'denial'].includes(check.baseline);
}

/** @throws Inconclusive if no era is left */
async function erasFor({ baseline }: Check, probe: Probe): Promise<readonly Era[]> {
  const { eras, noAccess } = probe.known;
  if (baseline === 'denial') {
    const guarded: Era[] = [];
    for (const era of eras) if ((await probe.guardedOf(era)) !== undefined) guarded.push(era);
    if (guarded.length > 0) return guarded;
    if (eras.length > 0 && eras.every(({ access }) => access === 'answered'))
      throw new Inconclusive(notApplicable('the server does not require a token'));
    throw new Inconclusive(
      inconclusive('no request without a token was refused with 401 or 403, and none was answered'),
    );
  }
  if (noAccess !== undefined) throw new Inconclusive(inconclusive(noAccess));
  const served = eras.filter(({ isServed }) => isServed);
  if (baseline === 'request') return served;
  const some = served.filter(({ isModern, session }) =>
    baseline === 'modern request' ? isModern : !isModern && session !== undefined,
  );
  if (some.length > 0) return some;
  throw new Inconclusive(
    notApplicable(
      baseline === 'modern request'
        ? 'the server does not support revision 2026-07-28'
        : 'the server does not use sessions',
    ),
  );
}

/** A verdict counts only if the unaltered request succeeds before and after: a server that dies refuses everything. */
async function between(
  check: Check,
  era: Era | undefined,
  { probe, watch }: Run,
  run: () => Promise<Verdict>,
): Promise<Verdict> {
  await watch.ready(check, era);
  const from = probe.sent.length;
  const found = await caught(run);
  const verdict = found.outcome === 'fail' ? { ...found, repeat: repeatOf(probe, from, found) } : found;
  if (check.exhausts === true) return verdict;
  const after = await caught(async () => {
    await watch.ready(check, era);
    return verdict;
  });
  watch.release(check);
  if (after === verdict) return verdict;
  const why = watch.gone === undefined ? 'afterwards' : 'the server stopped answering during this check';
  return inconclusive(`${why}: ${after.evidence}; the check had seen: ${verdict.evidence}`);
}

/** The first request of the check whose response is in the evidence. */
function repeatOf(probe: Probe, from: number, { evidence }: Verdict): string | undefined {
  const one = probe.sent.slice(from).find(({ answer }) => evidence.includes(probe.describe(answer)));
  return one && curlOf(one.request, probe.target, probe.credentials, probe.clean);
}

async function caught(run: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await run();
  } catch (error) {
    return error instanceof Inconclusive
      ? error.verdict
      : inconclusive(`the check itself failed: ${(error as Error).message}`);
  }
}
