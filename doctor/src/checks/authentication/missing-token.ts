import type { Check } from '../../check.ts';
import { inconclusive, type Verdict, worst } from '../../verdict.ts';
import { judgeRequest } from './judge-request.ts';
import { requestsOf } from './requests.ts';

export const authenticationMissingToken: Check = {
  id: 'authentication/missing-token',
  title: 'Requests without a token are refused',
  fault: 'Requests without a token are answered',
  severity: 'high',
  why: 'Anyone who can reach the server reads its data and calls its tools',
  sends:
    'every list, tools/call, resources/read, prompts/get, completion and logging, without a token, in each era',
  fix: 'Validate the token of every request first, and answer 401 without a valid one',
  frameworks: {
    'TypeScript SDK': 'requireBearerAuth({ verifier }) before the endpoint, not inside a handler',
    'FastMCP (Python)': 'FastMCP(auth=JWTVerifier(…))',
    'mcp-handler': 'withMcpAuth(handler, verifyToken, { required: true })',
    Spring: 'http.authorizeHttpRequests(a -> a.anyRequest().authenticated())',
    Go: 'auth.RequireBearerToken(verifier, nil)(handler)',
  },
  reference: 'MCP 2026-07-28 Streamable HTTP, Security & Endpoint; Authorization, Token Requirements',
  baseline: 'answer',
  async run(probe) {
    const { eras } = probe.known;
    if (eras.length === 0)
      return inconclusive(probe.known.noAccess ?? 'the server answers in no known revision');
    const verdicts: Verdict[] = [];
    for (const era of eras) {
      const own: Verdict[] = [];
      for (const request of requestsOf(probe, era)) own.push(await judgeRequest(probe, era, request));
      const { evidence, ...verdict } = worst(own);
      verdicts.push({ ...verdict, evidence: `${era.name}: ${evidence}` });
    }
    return worst(verdicts);
  },
};
