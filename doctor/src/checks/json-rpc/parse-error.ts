import { codeOf } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';
import { fail, worst } from '../../verdict.ts';
import { refusedMessage } from './judge.ts';

export const jsonRpcParseError: Check = {
  id: 'json-rpc/parse-error',
  title: 'Invalid JSON gets a JSON-RPC parse error',
  fault: 'Invalid JSON gets no JSON-RPC parse error',
  severity: 'low',
  why: 'The default error pages of frameworks show stack traces, and clients cannot read them',
  sends: 'half a message, and an empty body',
  fix: 'Answer 400 with JSON-RPC error code -32700, in your own error handler',
  frameworks: { Express: 'app.use((error, request, response, next) => …) after express.json()' },
  reference: 'JSON-RPC 2.0 §5.1',
  baseline: 'request',
  async run(probe, era) {
    const { headers } = baseOf(era);
    const half = await probe.send({ headers, body: '{"jsonrpc":"2.0","id":1,' });
    const empty = await probe.send({ headers: { ...headers, 'content-type': 'application/json' } });
    const verdicts = [
      refusedMessage(probe, 'half a message', half),
      refusedMessage(probe, 'empty body', empty),
    ];
    const isParseError = codeOf(half) === -32_700 || half.failure === 'timeout';
    if (!isParseError) verdicts.push(fail(`no code -32700: ${probe.describe(half)}`));
    return worst(verdicts);
  },
};
