import { codeOf, succeeded } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { NO_SUCH_TOOL } from '../../tool-calls.ts';
import { inconclusive, notApplicable } from '../../verdict.ts';
import { MISMATCH_FIX, MISMATCH_REFERENCE, MISMATCH_WHY, refusedAsMismatch } from './refused-as.ts';

/** The requests that carry Mcp-Name, each for a name that does not exist. */
const NAMED: readonly (readonly [
  capability: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
])[] = [
  ['tools', 'tools/call', { name: NO_SUCH_TOOL, arguments: {} }],
  ['prompts', 'prompts/get', { name: NO_SUCH_TOOL, arguments: {} }],
  ['resources', 'resources/read', { uri: 'doctor://no-such-resource' }],
];

export const mismatchName: Check = {
  id: 'mismatch/name',
  title: 'An Mcp-Name that differs from the tool in the body is refused',
  fault: 'An Mcp-Name that differs from the tool in the body is accepted',
  severity: 'high',
  why: MISMATCH_WHY,
  sends: 'tools/call for a tool that does not exist, with its own name in Mcp-Name and with another',
  fix: MISMATCH_FIX,
  reference: MISMATCH_REFERENCE,
  baseline: 'modern request',
  async run(probe, era) {
    const [, method, params] = NAMED.find(([capability]) => capability in era.capabilities) ?? [];
    if (method === undefined) return notApplicable('the server has no tools, prompts or resources');
    const unaltered = await probe.ask(era, method, params);
    if (codeOf(unaltered) === undefined && !succeeded(unaltered))
      return inconclusive(`without the mismatch: ${probe.describe(unaltered)}`);
    const answer = await probe.ask(era, method, params, { headers: { 'mcp-name': 'doctor_other' } });
    return refusedAsMismatch(probe, answer, unaltered);
  },
};
