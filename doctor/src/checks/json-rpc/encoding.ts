import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { baseOf } from '../../probe.ts';

export const jsonRpcEncoding: Check = {
  id: 'json-rpc/encoding',
  title: 'Invalid UTF-8 is refused',
  fault: 'Invalid UTF-8 is accepted',
  severity: 'low',
  why: 'The log and the firewall see other text than the tool, and two names become one',
  sends: 'a list with the byte 0xFF in a string',
  fix: 'Answer 400; a decoder would replace the byte, and the log would show text that no client sent',
  frameworks: { 'Node.js': "new TextDecoder('utf-8', { fatal: true })" },
  reference: 'MCP 2026-07-28 Transports (UTF-8); RFC 8259 §8.1',
  baseline: 'request',
  async run(probe, era) {
    const { body, headers } = baseOf(era);
    const params = { ...(body['params'] as object), note: 'X' };
    const bytes = Buffer.from(JSON.stringify({ ...body, params }));
    bytes[bytes.indexOf('"note":"X') + '"note":"'.length] = 0xff;
    const answer = await probe.send({ headers, body: bytes });
    return unanswered(`byte 0xFF: ${probe.describe(answer)}`, answer);
  },
};
