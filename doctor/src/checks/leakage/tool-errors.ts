import type { Check } from '../../check.ts';
import { argumentsFor } from '../../tool-arguments.ts';
import { NO_SUCH_TOOL } from '../../tool-calls.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';

/** Provokes the errors that the other checks of this group search for, so it runs before them. */
export const leakageToolErrors: Check = {
  id: 'leakage/tool-errors',
  title: 'Wrong tool arguments get an error message, not a server error',
  fault: 'Wrong tool arguments cause a server error',
  severity: 'low',
  why: 'The model cannot correct its call, and the error page may show internals',
  sends:
    'tools/call with arguments of the wrong type, for up to three tools that may be called and one that does not exist',
  fix: 'Validate arguments against the schema, and answer isError or -32602 with the reason',
  frameworks: { 'TypeScript SDK': 'registerTool with inputSchema validates before your handler' },
  reference: 'MCP 2026-07-28 Tools, Error Handling',
  baseline: 'request',
  async run(probe, era) {
    const bad: string[] = [];
    let silent = 0;
    const calls = probe.toolCalls.callable.slice(0, 3).map((tool) => {
      const wrong = Object.keys(argumentsFor(tool)).map((name) => [name, { doctor: ['wrong type'] }]);
      return { name: tool.name, arguments: Object.fromEntries(wrong.length > 0 ? wrong : [['x', 1]]) };
    });
    for (const call of [...calls, { name: NO_SUCH_TOOL, arguments: {} }]) {
      const answer = await probe.ask(era, 'tools/call', call);
      if (answer.failure === 'timeout') silent += 1;
      else if (answer.status >= 500 || answer.status === 0)
        bad.push(`${call.name}: ${probe.describe(answer)}`);
    }
    if (bad.length > 0) return fail(bad.join('; '));
    if (silent > 0) return inconclusive(`no response in time to ${silent} of ${calls.length + 1} calls`);
    if (probe.known.tools.length > 0) probe.toolCalls.need(probe.known.tools);
    return pass(`${calls.length + 1} calls answered without a server error`);
  },
};
