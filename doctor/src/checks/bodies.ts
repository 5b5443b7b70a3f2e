import { gzipSync } from 'node:zlib';
import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { type Probe, succeeded } from '../probe.ts';
import { fail, inconclusive, pass, type Verdict } from '../verdict.ts';

const MIB = 1024 * 1024;
/** Twice the limit of the official SDKs. No real tool call is this large. */
const OVERSIZE_MIB = 8;
const DEPTH = 20_000;
const BOMB_MIB = 16;

/** Passes if the server refuses or closes the connection. A result means that it accepted the whole body. */
function judge(probe: Probe, answer: Answer): Verdict {
  const said = probe.describe(answer);
  if (succeeded(answer) || answer.status >= 500) return fail(said);
  return answer.failure === 'timeout' ? inconclusive(said) : pass(said);
}

function oversize(probe: Probe): string {
  const text = JSON.stringify(probe.message('tools/list').body);
  // White space is valid in JSON, so only the size is wrong.
  return `${text.slice(0, -1)}${' '.repeat(OVERSIZE_MIB * MIB)}}`;
}

/** These run one at a time and after the other checks, because each may put load on the server. */
export const BODY_CHECKS: readonly Check[] = [
  {
    id: 'bodies/declared-size',
    title: 'A body with a Content-Length above the limit is refused',
    severity: 'medium',
    sends: `tools/list with a body of ${OVERSIZE_MIB} MiB and its Content-Length`,
    fix: 'Check Content-Length before reading, and answer 413; 4 MiB or less is enough for any message',
    reference: 'RFC 9110 §15.5.14; CWE-770',
    async run(probe) {
      const { headers } = probe.message('tools/list');
      return judge(probe, await probe.send({ headers, body: oversize(probe) }));
    },
  },
  {
    id: 'bodies/chunked-size',
    title: 'A chunked body above the limit is refused',
    severity: 'medium',
    sends: `tools/list with a chunked body of ${OVERSIZE_MIB} MiB`,
    fix: 'Count bytes while reading, and answer 413 at the limit',
    reference: 'RFC 9110 §15.5.14; CWE-770',
    async run(probe) {
      const { headers } = probe.message('tools/list');
      return judge(probe, await probe.send({ headers, body: oversize(probe), chunked: true }));
    },
  },
  {
    id: 'bodies/depth',
    title: 'Deeply nested JSON is handled safely',
    severity: 'medium',
    sends: `tools/list with ${DEPTH} nested arrays`,
    fix: 'Limit the nesting depth (64 levels are plenty), and answer 400',
    reference: 'RFC 8259 §9; CWE-674',
    async run(probe) {
      const { body, headers } = probe.message('tools/list', { x: 0 });
      const text = JSON.stringify(body).replace('"x":0', `"x":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`);
      const answer = await probe.send({ headers, body: text, echoes: true });
      const said = probe.describe(answer);
      if (answer.failure === 'timeout') return fail(`the server hangs: ${said}`);
      return (answer.status >= 500 || answer.status === 0 ? fail : pass)(said);
    },
  },
  {
    id: 'bodies/content-type',
    title: 'JSON sent as plain text or as a form is refused',
    severity: 'medium',
    sends: 'tools/list as text/plain and as a form, which any web page can send without a CORS preflight',
    fix: 'Answer 415 to every content type except application/json',
    reference: 'WHATWG Fetch §2.2.2 (simple requests); CWE-352',
    async run(probe) {
      const types = ['text/plain', 'application/x-www-form-urlencoded'];
      const answers: Answer[] = [];
      for (const type of types)
        answers.push(await probe.ask('tools/list', {}, { headers: { 'content-type': type } }));
      const taken = answers.filter(succeeded);
      return (taken.length > 0 ? fail : pass)(
        (taken.length > 0 ? taken : answers).map(probe.describe).join('; '),
      );
    },
  },
  {
    id: 'bodies/framing',
    title: 'A request with an ambiguous length is refused',
    severity: 'high',
    sends: 'raw bytes: Content-Length with Transfer-Encoding, and two different Content-Length fields',
    fix: 'Answer 400 and close the connection; if a proxy and a server disagree on the length, one client can send requests as another',
    reference: 'RFC 9112 §6.1, §6.3 (request smuggling)',
    async run(probe) {
      const head = [
        `POST ${probe.target.path} HTTP/1.1`,
        `Host: ${probe.target.url.host}`,
        'Content-Type: application/json',
        'Connection: close',
      ];
      const framings = [
        ['Content-Length: 5', 'Transfer-Encoding: chunked'],
        ['Content-Length: 5', 'Content-Length: 6'],
      ];
      const taken: string[] = [];
      for (const fields of framings) {
        const { status } = await probe.raw([...head, ...fields, '', '0\r\n\r\n'].join('\r\n'));
        // 403 comes from a firewall in front, 501 means an unknown Transfer-Encoding.
        if (![0, 400, 403, 501].includes(status)) taken.push(`${fields.join(' + ')}: HTTP ${status}`);
      }
      return taken.length > 0 ? fail(taken.join('; ')) : pass('refused');
    },
  },
  {
    id: 'bodies/bomb',
    title: 'A compression bomb is refused',
    severity: 'medium',
    sends: `tools/list with ${BOMB_MIB} MiB of white space, gzipped to about ${BOMB_MIB} KiB`,
    fix: 'Answer 415 to Content-Encoding, or limit the size after decompression',
    reference: 'RFC 9110 §15.5.16; CWE-409',
    async run(probe) {
      const { body, headers } = probe.message('tools/list');
      const text = JSON.stringify(body);
      const bomb = gzipSync(`${text.slice(0, -1)}${' '.repeat(BOMB_MIB * MIB)}}`);
      return judge(
        probe,
        await probe.send({ headers: { ...headers, 'content-encoding': 'gzip' }, body: bomb }),
      );
    },
  },
];

/** Runs in parallel with the other checks, because it waits until the server closes the request. */
export const SLOW_BODY_CHECKS: readonly Check[] = [
  {
    id: 'bodies/unfinished',
    title: 'The server closes a request that never finishes',
    severity: 'medium',
    sends: 'the first half of a request as raw bytes, then nothing',
    fix: 'Set a timeout for whole requests; the default in Node.js (requestTimeout) is five minutes',
    reference: 'CWE-400 (slow HTTP attacks); OWASP MCP checklist: timeouts',
    async run(probe) {
      const { patienceMs } = probe.options;
      const token = probe.authorization === undefined ? [] : [`Authorization: ${probe.authorization}`];
      const head = [
        `POST ${probe.target.path} HTTP/1.1`,
        `Host: ${probe.target.url.host}`,
        'Accept: application/json, text/event-stream',
        'Content-Type: application/json',
        'Content-Length: 100',
        ...token,
      ];
      const { silent, status, milliseconds } = await probe.raw(
        `${head.join('\r\n')}\r\n\r\n{"jsonrpc"`,
        patienceMs,
      );
      if (silent) return fail(`still open after ${Math.round(milliseconds / 1000)} s`);
      return pass(
        `${status === 0 ? 'connection closed' : `HTTP ${status}`} after ${(milliseconds / 1000).toFixed(1)} s`,
      );
    },
  },
];
