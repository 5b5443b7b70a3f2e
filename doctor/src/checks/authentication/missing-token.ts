import type { Check } from '../../check.ts';
import { requestsOf } from '../../requests.ts';
import { inconclusive, type Verdict, worst } from '../../verdict.ts';
import { judgeRequest } from './judge-request.ts';

/** Lists of what the server can do. A list of resources also shows what it holds. */
const SHOWCASES = new Set(['tools/list', 'prompts/list', 'resources/templates/list']);

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
      const own: [string, Verdict][] = [];
      for (const request of requestsOf(probe, era)) {
        // One answer proves the fault, so further tools are not called.
        const isProven = own.some(([method, one]) => method === request.method && one.outcome === 'fail');
        if (!isProven) own.push([request.method, await judgeRequest(probe, era, request)]);
      }
      const verdict = worst(own.map(([, one]) => one));
      // Some servers show their tools to all and ask for a token at the first call.
      const isOpenBeyondLists = own.some(([method, one]) => one.outcome === 'fail' && !SHOWCASES.has(method));
      const asksLater = own.some(([method, one]) => method === 'tools/call' && one.outcome === 'pass');
      const isShowcase = verdict.outcome === 'fail' && !isOpenBeyondLists && asksLater;
      verdicts.push({
        ...verdict,
        ...(isShowcase && { severity: 'medium' as const }),
        evidence: `${era.name}: ${verdict.evidence}`,
      });
    }
    return worst(verdicts);
  },
};
