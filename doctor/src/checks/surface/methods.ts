import { succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import type { Answer } from '../../exchange.ts';
import { baseOf } from '../../probe.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

const METHODS = ['PUT', 'PATCH', 'TRACE', 'PROPFIND', 'DELETE'];
const NOT_THERE = '/hardened-mcp-doctor-not-there';

export const surfaceMethods: Check = {
  id: 'surface/methods',
  title: 'HTTP methods that the protocol does not use are refused',
  fault: 'HTTP methods that the protocol does not use are answered',
  severity: 'medium',
  why: 'Firewalls and rate limits that look at POST only do not see these requests, and TRACE repeats credentials',
  sends: 'PUT, PATCH, TRACE and PROPFIND, and DELETE without a session',
  fix: 'Answer 405 with Allow: POST to every method except POST',
  frameworks: {
    Express: 'app.all("/mcp", (_request, response) => response.set("Allow", "POST").sendStatus(405))',
  },
  reference: 'MCP 2026-07-28 Streamable HTTP, Earlier revisions; RFC 9110 §15.5.6',
  baseline: 'answer',
  async run(probe) {
    const [era] = probe.known.eras;
    const message = era && baseOf(era);
    const ask = async (method: string, path?: string): Promise<Answer> => {
      const bare = method === 'TRACE' || method === 'DELETE';
      return await probe.send({
        ...{ method, headOnly: true, headers: { ...message?.headers, 'mcp-session-id': undefined } },
        body: bare ? undefined : JSON.stringify(message?.body ?? {}),
        ...(path === undefined ? {} : { path }),
      });
    };
    const wrong: string[] = [];
    const silent: string[] = [];
    for (const method of METHODS) {
      const answer = await ask(method);
      if (answer.failure === 'timeout') silent.push(method);
      if (answer.status < 200 || answer.status >= 300) continue;
      // A site that has one page for every method and path does not act on the method.
      const isPage = !succeeded(answer) && alike(answer, await ask(method, NOT_THERE));
      if (!isPage) wrong.push(`${method}: ${probe.describe(answer)}`);
    }
    if (wrong.length > 0) return fail(wrong.join('; '));
    if (silent.length > 0) return inconclusive(`no response in time: ${silent.join(', ')}`);
    return pass(`${METHODS.join(', ')} refused`);
  },
};

const alike = (one: Answer, other: Answer) =>
  one.status === other.status && one.headers['content-type'] === other.headers['content-type'];
