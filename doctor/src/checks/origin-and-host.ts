import type { Check } from '../check.ts';
import { needAccess, type Probe, refused, succeeded } from '../probe.ts';
import { fail, pass, type Verdict, worst } from '../verdict.ts';

const FOREIGN = 'https://attacker.example';

/** Requests of any client that can get in, so that what refuses them is what they differ in. */
async function refusesEach(
  probe: Probe,
  fields: readonly Readonly<Record<string, string>>[],
): Promise<Verdict> {
  needAccess(probe);
  const verdicts: Verdict[] = [];
  for (const headers of fields) {
    const answer = await probe.ask('tools/list', {}, { headers });
    const said = `${Object.entries(headers).flat().join(': ')}: ${probe.describe(answer)}`;
    verdicts.push(
      (refused(answer) || answer.failure === 'closed') && !succeeded(answer) ? pass(said) : fail(said),
    );
  }
  return worst(verdicts);
}

export const ORIGIN_AND_HOST_CHECKS: readonly Check[] = [
  {
    id: 'origin/foreign',
    title: 'Pages of foreign origins are refused',
    severity: 'high',
    sends: `tools/list with Origin: ${FOREIGN} and with Origin: null`,
    fix: 'Answer 403 when Origin is there and not on a list of yours',
    reference: 'MCP 2026-07-28 Streamable HTTP, Security & Endpoint (CVE-2025-66414)',
    run: (probe) => refusesEach(probe, [{ origin: FOREIGN }, { origin: 'null' }]),
  },
  {
    id: 'origin/lookalike',
    title: 'An origin that only looks like this one is refused',
    severity: 'high',
    sends: 'tools/list with this host as a part of the name in Origin, before and after',
    fix: 'Compare origins whole, not by prefix, suffix or pattern',
    reference: 'RFC 6454 §5',
    run: (probe) => {
      const { hostname } = probe.target.url;
      return refusesEach(
        probe,
        // An address has no such neighbours, but a pattern for it may have.
        [
          `https://${hostname.replace(/[[\]:]/g, '')}.attacker.example`,
          `https://attacker-${hostname.replace(/[[\]:]/g, '')}`,
        ].map((origin) => ({ origin })),
      );
    },
  },
  {
    id: 'origin/cors',
    title: 'Foreign pages may not read answers',
    severity: 'medium',
    sends: `OPTIONS and POST without a token, with Origin: ${FOREIGN}`,
    fix: 'Send Access-Control-Allow-Origin for listed origins only; never repeat Origin, never * at the endpoint',
    reference: 'WHATWG Fetch §3.3',
    async run(probe) {
      const headers = { origin: FOREIGN, 'access-control-request-method': 'POST' };
      const answers = [
        await probe.send({ method: 'OPTIONS', auth: 'none', headers }),
        await probe.ask('tools/list', {}, { auth: 'none', headers: { origin: FOREIGN } }),
      ];
      const open = answers.flatMap(({ headers }) => headers['access-control-allow-origin'] ?? []);
      const bad = open.filter((value) => value === '*' || value === FOREIGN);
      return bad.length > 0
        ? fail(`Access-Control-Allow-Origin: ${bad.join(', ')}`)
        : pass('no Access-Control-Allow-Origin for it');
    },
  },
  {
    id: 'host/foreign',
    title: 'A request for another host is refused',
    severity: 'high',
    sends: 'tools/list with Host: attacker.example',
    fix: 'Answer 403 or 421 when Host is not a name of this server; otherwise DNS rebinding reaches it',
    reference: 'RFC 9110 §7.4; MCP 2026-07-28 Security Best Practices, DNS rebinding',
    run: (probe) => refusesEach(probe, [{ host: 'attacker.example' }]),
  },
  {
    id: 'host/ambiguous',
    title: 'A request that names two hosts is refused',
    severity: 'medium',
    sends: 'tools/list with two Host fields, as bytes',
    fix: 'Answer 400 to more than one Host',
    reference: 'RFC 9112 §3.2',
    async run(probe) {
      needAccess(probe);
      const { body, headers } = probe.message('tools/list');
      const text = JSON.stringify(body);
      const fields = { ...headers, authorization: probe.authorization };
      const lines = Object.entries(fields).flatMap(([name, value]) =>
        value === undefined ? [] : `${name}: ${value}`,
      );
      const { status } = await probe.raw(
        [
          `POST ${probe.target.path} HTTP/1.1`,
          `Host: ${probe.target.url.host}`,
          'Host: attacker.example',
          'Accept: application/json, text/event-stream',
          'Content-Type: application/json',
          'Connection: close',
          `Content-Length: ${Buffer.byteLength(text)}`,
          ...lines,
          '',
          text,
        ].join('\r\n'),
      );
      return (status < 300 && status !== 0 ? fail : pass)(status === 0 ? 'hung up' : `HTTP ${status}`);
    },
  },
];
