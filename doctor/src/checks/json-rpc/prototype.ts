import { resultOf } from '../../answers.ts';
import type { Check } from '../../check.ts';
import type { Answer } from '../../exchange.ts';
import { INHERITED_NAMES, NO_SUCH_TOOL } from '../../tool-calls.ts';
import { fail, inconclusive, pass, type Verdict, worst } from '../../verdict.ts';

export const jsonRpcPrototype: Check = {
  id: 'json-rpc/prototype',
  title: 'Inherited JavaScript names are not accepted as tools or methods',
  fault: 'Inherited JavaScript names are accepted as tools or methods',
  severity: 'medium',
  why: 'A lookup that finds what the language defined calls code that was never meant as a tool',
  sends: 'tools/call for __proto__, constructor and toString, and a request with the method constructor',
  fix: 'Look names up in a Map, or in an object without a prototype',
  frameworks: { 'Node.js': 'new Map(), or Object.create(null)' },
  reference: 'CWE-1321',
  baseline: 'request',
  async run(probe, era) {
    const call = (name: string) => probe.ask(era, 'tools/call', { name, arguments: {} });
    const unknown = await call(NO_SUCH_TOOL);
    const ran = (answer: Answer) => {
      const result = resultOf(answer);
      return result !== undefined && result['isError'] !== true;
    };
    if (ran(unknown)) return inconclusive(`a tool that does not exist is called: ${probe.describe(unknown)}`);
    const method = await probe.ask(era, 'constructor');
    const answers: [string, Answer][] = [['method constructor', method]];
    for (const name of INHERITED_NAMES) answers.push([name, await call(name)]);
    const verdicts: Verdict[] = answers.map(([what, answer]) => {
      const said = `${what}: ${probe.describe(answer)}`;
      if (answer.failure === 'timeout') return inconclusive(said);
      // An unknown name must not cause another kind of error than any other.
      const crashed = answer.status >= 500 && unknown.status < 500;
      return (ran(answer) || crashed ? fail : pass)(said);
    });
    return worst(verdicts);
  },
};
