import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';
import { type Verdict, worst } from '../../verdict.ts';
import { refusedMessage } from './judge.ts';

export const jsonRpcShape: Check = {
  id: 'json-rpc/shape',
  title: 'Messages that are not valid requests are refused',
  fault: 'Messages that are not valid requests are accepted',
  severity: 'low',
  why: 'Each reading of a malformed message that differs between two programs is a way past one of them',
  sends:
    'a list without jsonrpc, with null or an object as id, a number as method or a string as params; a string instead of an object',
  fix: 'Answer 400 with JSON-RPC error code -32600; an id must be a string or an integer',
  reference: 'JSON-RPC 2.0 §4; MCP 2026-07-28 Messages',
  baseline: 'request',
  async run(probe, era) {
    const { body, headers } = baseOf(era);
    const shapes: [string, unknown][] = [
      ['no jsonrpc', { ...body, jsonrpc: undefined }],
      ['id null', { ...body, id: null }],
      ['id object', { ...body, id: {} }],
      ['method number', { ...body, method: 1 }],
      ['params string', { ...body, params: 'x' }],
      ['a string', era.base],
    ];
    const verdicts: Verdict[] = [];
    for (const [what, shape] of shapes) {
      verdicts.push(refusedMessage(probe, what, await probe.send({ headers, body: JSON.stringify(shape) })));
    }
    return worst(verdicts);
  },
};
