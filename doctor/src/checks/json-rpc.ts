import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { needAccess, type Probe, refused, succeeded } from '../probe.ts';
import { INHERITED_NAMES } from '../tool-calls.ts';
import { fail, inconclusive, pass, type Verdict, worst } from '../verdict.ts';

/** Twice the limit of the official SDKs. */
const BATCH_LENGTH = 200;

/** Passes if the server refuses with a proper error. */
function judge(probe: Probe, what: string, answer: Answer): Verdict {
  const said = `${what}: ${probe.describe(answer)}`;
  if (answer.failure === 'timeout') return inconclusive(said);
  return (refused(answer) && !succeeded(answer) ? pass : fail)(said);
}

export const JSON_RPC_CHECKS: readonly Check[] = [
  {
    id: 'json-rpc/parse-error',
    title: 'Invalid JSON gets a JSON-RPC parse error',
    severity: 'low',
    sends: 'half a message, and an empty body',
    fix: 'Answer 400 with JSON-RPC error code -32700, in your own error handler',
    reference: 'JSON-RPC 2.0 §5.1',
    async run(probe) {
      needAccess(probe);
      const { headers } = probe.message('tools/list');
      const answers = [
        await probe.send({ headers, body: '{"jsonrpc":"2.0","id":1,' }),
        await probe.send({ headers }),
      ];
      const [half] = answers as [Answer, Answer];
      const codes = half.messages.map(({ error }) => error?.code);
      const verdicts = answers.map((answer, index) =>
        judge(probe, index === 0 ? 'half a message' : 'empty body', answer),
      );
      if (!codes.includes(-32_700)) verdicts.push(fail(`no code -32700: ${probe.describe(half)}`));
      return worst(verdicts);
    },
  },
  {
    id: 'json-rpc/encoding',
    title: 'Invalid UTF-8 is refused',
    severity: 'low',
    sends: 'tools/list with the byte 0xFF in a string',
    fix: 'Answer 400; a decoder would replace the byte, and the log would show text that no client sent',
    reference: 'MCP 2026-07-28 Transports (UTF-8); RFC 8259 §8.1',
    async run(probe) {
      needAccess(probe);
      const { body, headers } = probe.message('tools/list', { note: 'X' });
      const bytes = Buffer.from(JSON.stringify(body));
      bytes[bytes.indexOf('"note":"X') + '"note":"'.length] = 0xff;
      return judge(probe, 'byte 0xFF', await probe.send({ headers, body: bytes }));
    },
  },
  {
    id: 'json-rpc/batch',
    title: 'A batch does not run many requests at once',
    severity: 'medium',
    sends: `one batch of ${BATCH_LENGTH} tools/list requests`,
    fix: 'Refuse batches, which revision 2025-06-18 removed, or count each of their requests against the limits',
    reference: 'MCP 2026-07-28 Streamable HTTP, Sending Messages; CWE-770',
    async run(probe) {
      needAccess(probe);
      const { body, headers } = probe.message('tools/list');
      const batch = Array.from({ length: BATCH_LENGTH }, (_, id) => ({ ...body, id }));
      const answer = await probe.send({ headers, body: JSON.stringify(batch) });
      const results = answer.messages.filter(({ result }) => result !== undefined).length;
      if (results > 0) return fail(`${results} results in one response`);
      return judge(probe, 'batch', answer);
    },
  },
  {
    id: 'json-rpc/shape',
    title: 'Messages that are not valid requests are refused',
    severity: 'low',
    sends:
      'tools/list without jsonrpc, with null or an object as id, a number as method or a string as params; a string instead of an object',
    fix: 'Answer 400 with JSON-RPC error code -32600; an id must be a string or an integer',
    reference: 'JSON-RPC 2.0 §4; MCP 2026-07-28 Messages',
    async run(probe) {
      needAccess(probe);
      const { body, headers } = probe.message('tools/list');
      const shapes: [string, unknown][] = [
        ['no jsonrpc', { ...body, jsonrpc: undefined }],
        ['id null', { ...body, id: null }],
        ['id object', { ...body, id: {} }],
        ['method number', { ...body, method: 1 }],
        ['params string', { ...body, params: 'x' }],
        ['a string', 'tools/list'],
      ];
      const verdicts: Verdict[] = [];
      for (const [what, shape] of shapes) {
        verdicts.push(judge(probe, what, await probe.send({ headers, body: JSON.stringify(shape) })));
      }
      return worst(verdicts);
    },
  },
  {
    id: 'json-rpc/member-case',
    title: 'JSON member names are case-sensitive',
    severity: 'medium',
    sends: 'tools/list with METHOD instead of method',
    fix: 'Compare member names exactly; otherwise the server runs a message that a firewall reads differently',
    reference: 'RFC 8259 §8.3 (CVE-2026-27896)',
    async run(probe) {
      needAccess(probe);
      const { body, headers } = probe.message('tools/list');
      const { method, ...rest } = body;
      const text = JSON.stringify({ ...rest, METHOD: method });
      return judge(probe, 'METHOD', await probe.send({ headers, body: text }));
    },
  },
  {
    id: 'json-rpc/prototype',
    title: 'Inherited JavaScript names are not accepted as tools or methods',
    severity: 'medium',
    sends: 'tools/call for __proto__, constructor and toString, and a request with the method constructor',
    fix: 'Look names up in a Map, or in an object without a prototype',
    reference: 'CWE-1321',
    async run(probe) {
      needAccess(probe);
      const verdicts: Verdict[] = [];
      for (const name of INHERITED_NAMES) {
        const answer = await probe.ask('tools/call', { name, arguments: {} });
        const isError = answer.messages.some(({ result }) => result?.['isError'] === true);
        verdicts.push(isError ? pass(name) : judge(probe, name, answer));
      }
      verdicts.push(judge(probe, 'method constructor', await probe.ask('constructor')));
      return worst(verdicts);
    },
  },
  {
    id: 'json-rpc/unknown-method',
    title: 'An unknown method gets error code -32601',
    severity: 'low',
    sends: 'a request with the method doctor/unknown',
    fix: 'Answer with JSON-RPC error code -32601; from revision 2026-07-28 on, with HTTP 404',
    reference: 'MCP 2026-07-28 Streamable HTTP, Protocol Version Header; JSON-RPC 2.0 §5.1',
    async run(probe) {
      needAccess(probe);
      const answer = await probe.ask('doctor/unknown');
      const right = answer.messages.some(({ error }) => error?.code === -32_601);
      const status = probe.known.modern === undefined || answer.status === 404;
      return (right && status ? pass : fail)(probe.describe(answer));
    },
  },
];
