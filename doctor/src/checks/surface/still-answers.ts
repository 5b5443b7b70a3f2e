import { succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { fail, inconclusive, pass, type Verdict, worst } from '../../verdict.ts';

/** The doctor runs it after all checks that send attacks, also if the server stopped answering before. */
export const surfaceStillAnswers: Check = {
  id: 'surface/still-answers',
  title: 'The server still answers after the attacks',
  fault: 'The server stopped answering during the attacks',
  severity: 'high',
  why: 'One client without a token can end the service for all',
  sends: 'a list without a token and with it, like at the start',
  fix: 'Read the logs of the server at the time of the check that is named; one input must not end the service',
  frameworks: {
    'Node.js': 'an uncaughtException handler that logs and exits, and a supervisor that restarts',
  },
  reference: 'CWE-400',
  baseline: 'nothing',
  async run(probe) {
    const gone = probe.gone();
    if (gone !== undefined) {
      const said = `it stopped answering during ${gone.during}: ${gone.evidence}`;
      // A firewall that blocks this machine is silent too.
      return gone.closed ? fail(said) : inconclusive(said);
    }
    const stumbles = probe.stumbles();
    const stumble = stumbles.find(({ closed }) => closed) ?? stumbles[0];
    if (stumble !== undefined) {
      const said = `it did not answer for a moment after ${stumble.during}: ${stumble.evidence}`;
      // A machine that is busy is late too.
      return stumble.closed ? fail(said, 'medium') : inconclusive(said);
    }
    if (probe.known.eras.length === 0)
      return inconclusive(probe.known.noAccess ?? 'it did not answer before');
    const verdicts: Verdict[] = [];
    for (const era of probe.known.eras) {
      const full = era.isServed ? await probe.askBase(era) : undefined;
      const bare = await probe.askBase(era, { auth: 'none', headers: { 'mcp-session-id': era.bareSession } });
      const said = `before: HTTP ${era.bare.status}; now: ${[bare, full].flatMap((a) => (a ? probe.describe(a) : [])).join(', ')}`;
      const isSilent = bare.failure === 'timeout' || full?.failure === 'timeout';
      const same = bare.status === era.bare.status && (full === undefined || succeeded(full));
      const isDown = [bare, full].some((a) => a !== undefined && (a.status === 0 || a.status >= 500));
      verdicts.push(same ? pass(said) : isDown && !isSilent ? fail(said) : inconclusive(said));
    }
    return worst(verdicts);
  },
};
