import { gzipSync } from 'node:zlib';
import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { type Probe, succeeded } from '../probe.ts';
import { fail, inconclusive, pass, type Verdict } from '../verdict.ts';

const MIB = 1024 * 1024;
/** Twice what the official SDKs take; a tool call of more is no tool call. */
const OVERSIZE_MIB = 8;
const DEPTH = 20_000;
const BOMB_MIB = 16;

/** Holds when the server says no or hangs up; a result means that it took everything. */
function judge(probe: Probe, answer: Answer): Verdict {
  const said = probe.describe(answer);
  if (succeeded(answer) || answer.status >= 500) return fail(said);
  return answer.failure === 'timeout' ? inconclusive(said) : pass(said);
}

function oversize(probe: Probe): string {
  const text = JSON.stringify(probe.message('tools/list').body);
  // White space within JSON: nothing but the size is wrong with it.
  return `${text.slice(0, -1)}${' '.repeat(OVERSIZE_MIB * MIB)}}`;
}

/** One after the other, after the other attacks: each may cost the server something. */
export const BODY_CHECKS: readonly Check[] = [
  {
    id: 'bodies/declared-size',
    title: 'A body that says it is too large is refused',
    severity: 'medium',
    sends: `tools/list of ${OVERSIZE_MIB} MiB, with Content-Length`,
    fix: 'Answer 413 by Content-Length, before reading; 4 MiB or less is enough for any message',
    reference: 'RFC 9110 §15.5.14; CWE-770',
    async run(probe) {
      const { headers } = probe.message('tools/list');
      return judge(probe, await probe.send({ headers, body: oversize(probe) }));
    },
  },
  {
    id: 'bodies/chunked-size',
    title: 'A body that does not say how large it is, is refused at the same size',
    severity: 'medium',
    sends: `tools/list of ${OVERSIZE_MIB} MiB, chunked`,
    fix: 'Count bytes while reading, and answer 413 as soon as there are too many',
    reference: 'RFC 9110 §15.5.14; CWE-770',
    async run(probe) {
      const { headers } = probe.message('tools/list');
      return judge(probe, await probe.send({ headers, body: oversize(probe), chunked: true }));
    },
  },
  {
    id: 'bodies/depth',
    title: 'JSON nested deeply does no harm',
    severity: 'medium',
    sends: `tools/list with ${DEPTH} lists in one another`,
    fix: 'Bound the depth of what is parsed, 64 levels are plenty, and answer 400',
    reference: 'RFC 8259 §9; CWE-674',
    async run(probe) {
      const { body, headers } = probe.message('tools/list', { x: 0 });
      const text = JSON.stringify(body).replace('"x":0', `"x":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}`);
      const answer = await probe.send({ headers, body: text, echoes: true });
      const said = probe.describe(answer);
      if (answer.failure === 'timeout') return fail(`it hangs: ${said}`);
      return (answer.status >= 500 || answer.status === 0 ? fail : pass)(said);
    },
  },
  {
    id: 'bodies/content-type',
    title: 'JSON that claims to be plain text or a form is refused',
    severity: 'medium',
    sends: 'tools/list as text/plain and as a form: what a web page may send anywhere without asking',
    fix: 'Answer 415 to everything but application/json',
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
    title: 'A request whose length can be read in two ways is refused',
    severity: 'high',
    sends: 'as bytes: Content-Length beside Transfer-Encoding, and two different Content-Lengths',
    fix: 'Answer 400 and close; proxies and servers that read differently let one client speak for another',
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
        // A firewall in front says 403; 501 is for a Transfer-Encoding that is not known.
        if (![0, 400, 403, 501].includes(status)) taken.push(`${fields.join(' + ')}: HTTP ${status}`);
      }
      return taken.length > 0 ? fail(taken.join('; ')) : pass('refused');
    },
  },
  {
    id: 'bodies/bomb',
    title: 'A compressed body is not blown up',
    severity: 'medium',
    sends: `tools/list with ${BOMB_MIB} MiB of white space, gzipped to ${Math.round(BOMB_MIB)} KiB`,
    fix: 'Answer 415 to Content-Encoding, or bound the size after decompression',
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

/** Waits for as long as the server does, beside the others. */
export const SLOW_BODY_CHECKS: readonly Check[] = [
  {
    id: 'bodies/unfinished',
    title: 'A request that is never finished is given up',
    severity: 'medium',
    sends: 'half a request, as bytes, and then nothing',
    fix: 'Set a timeout for whole requests; Node’s requestTimeout is five minutes unless you do',
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
        `${status === 0 ? 'hung up' : `HTTP ${status}`} after ${(milliseconds / 1000).toFixed(1)} s`,
      );
    },
  },
];
