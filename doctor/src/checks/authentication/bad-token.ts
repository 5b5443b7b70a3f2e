import { randomBytes } from 'node:crypto';
import type { Check } from '../../check.ts';
import { offeredRequestsOf } from '../../requests.ts';
import { type Verdict, worst } from '../../verdict.ts';
import { judgeRequest } from './judge-request.ts';
import { bearer, tryCredentials } from './try-credential.ts';

export const authenticationBadToken: Check = {
  id: 'authentication/bad-token',
  title: 'A token that was never issued is refused',
  fault: 'A token that was never issued is accepted',
  severity: 'high',
  why: 'Any text in place of a token opens the server',
  sends: 'each method with a random token, and a list with an empty token and with Basic credentials',
  fix: 'Validate the token of every request first, and answer 401 without a valid one',
  frameworks: {
    'TypeScript SDK': 'throw InvalidTokenError in verifyAccessToken for every token that you did not issue',
    'mcp-handler': 'return undefined from verifyToken for every token that you did not issue',
  },
  reference: 'MCP 2026-07-28 Authorization, Token Handling',
  baseline: 'denial',
  async run(probe, era) {
    const random = bearer(randomBytes(32).toString('base64url'));
    const basic = { headers: { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` } };
    const verdicts: Verdict[] = [await tryCredentials(probe, era, [random, bearer(''), basic])];
    // A server may validate the token for some methods only. Methods that need no token are reported by missing-token.
    for (const request of offeredRequestsOf(probe, era)) {
      const isOpen = (await judgeRequest(probe, era, request)).outcome !== 'pass';
      const headers = { 'mcp-session-id': era.session, ...random.headers };
      if (!isOpen) verdicts.push(await judgeRequest(probe, era, request, headers));
    }
    return worst(verdicts);
  },
};
