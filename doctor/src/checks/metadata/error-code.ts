import type { Check } from '../../check.ts';
import { fail, notApplicable, pass } from '../../verdict.ts';
import { challengeOf } from './challenge-of.ts';
import { refusalOf } from './document.ts';

export const metadataErrorCode: Check = {
  id: 'metadata/error-code',
  title: 'The challenge has the error invalid_token for an invalid token, and no error without a token',
  fault: 'The challenge has the wrong error code',
  severity: 'low',
  why: 'Clients discard good tokens, or repeat bad ones, because they cannot tell the cases apart',
  sends: 'a list without a token and with an invalid one',
  fix: 'Add error="invalid_token" to the challenge only if the request had a token',
  reference: 'RFC 6750 §3.1',
  baseline: 'denial',
  async run(probe, era) {
    const headers = { authorization: 'Bearer not-a-token', 'mcp-session-id': era.bareSession };
    const { method, params } = (await probe.guardedOf(era)) ?? { method: era.base, params: {} };
    const bad = await probe.ask(era, method, params, { auth: 'none', headers, echoes: true });
    const without = challengeOf(refusalOf(probe));
    const withBad = challengeOf(bad);
    if (without === undefined || withBad === undefined)
      return notApplicable('the server sends no Bearer challenge');
    const said = `without a token: error=${without['error'] ?? '(none)'}; invalid token: error=${withBad['error'] ?? '(none)'}`;
    const right = without['error'] === undefined && withBad['error'] === 'invalid_token';
    return (right ? pass : fail)(said);
  },
};
