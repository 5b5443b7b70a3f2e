import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { challengeOf } from './challenge-of.ts';

export const metadataChallenge: Check = {
  id: 'metadata/challenge',
  title: 'A request without a token gets 401 and a Bearer challenge',
  fault: 'A request without a token gets no 401 with a Bearer challenge',
  severity: 'medium',
  why: 'Clients cannot find out where to get a token, so users paste long-lived tokens into files',
  sends: 'a list without a token',
  fix: 'Answer 401 with WWW-Authenticate: Bearer, and add resource_metadata if an issuer creates the tokens',
  frameworks: {
    'TypeScript SDK': 'requireBearerAuth({ verifier, resourceMetadataUrl })',
    'mcp-handler': 'withMcpAuth(handler, verifyToken, { resourceMetadataPath })',
  },
  reference: 'RFC 6750 §3; MCP 2026-07-28 Authorization, Error Handling',
  baseline: 'denial',
  async run({ ask, guardedOf, post }, era) {
    const options = { auth: 'none', headers: { 'mcp-session-id': era.bareSession } } as const;
    const { method, params } = (await guardedOf(era)) ?? { method: era.base, params: {} };
    const base = await ask(era, method, params, { ...options, echoes: true });
    // In a server with sessions, only the first request of a client gets the challenge.
    const answer = base.status === 401 ? base : await post(era.helloMessage(), options);
    // The unaltered request succeeds with the token, so this is a refusal too.
    const refusal = [answer, base].find(({ status }) => status === 401 || status === 403) ?? base;
    const said = `HTTP ${refusal.status}, WWW-Authenticate: ${refusal.headers['www-authenticate'] ?? '(none)'}`;
    return (refusal.status === 401 && challengeOf(refusal) !== undefined ? pass : fail)(said);
  },
};
