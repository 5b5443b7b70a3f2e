import type { Check } from '../check.ts';
import { needAccess, type Probe, refused, succeeded } from '../probe.ts';
import { fail, pass, type Verdict, worst } from '../verdict.ts';

const FOREIGN = 'https://attacker.example';

/** Sends each header on a request that is otherwise valid, so a refusal can only be due to that header. */
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
    title: 'Requests from other origins are refused',
    severity: 'high',
    sends: `tools/list with Origin: ${FOREIGN} and with Origin: null`,
    fix: 'Answer 403 if Origin is present and not on your list',
    reference: 'MCP 2026-07-28 Streamable HTTP, Security & Endpoint (CVE-2025-66414)',
    run: (probe) => refusesEach(probe, [{ origin: FOREIGN }, { origin: 'null' }]),
  },
  {
    id: 'origin/lookalike',
    title: 'An origin that resembles the server’s own is refused',
    severity: 'high',
    sends: 'tools/list with origins that contain this host name at the start or at the end',
    fix: 'Compare the whole origin, not a prefix, suffix or pattern',
    reference: 'RFC 6454 §5',
    run: (probe) => {
      const { hostname } = probe.target.url;
      return refusesEach(
        probe,
        // An IP address has no subdomains, but a pattern that is too wide would match these too.
        [
          `https://${hostname.replace(/[[\]:]/g, '')}.attacker.example`,
          `https://attacker-${hostname.replace(/[[\]:]/g, '')}`,
        ].map((origin) => ({ origin })),
      );
    },
  },
  {
    id: 'origin/cors',
    title: 'Web pages of other origins cannot read responses',
    severity: 'medium',
    sends: `OPTIONS and POST without a token, with Origin: ${FOREIGN}`,
    fix: 'Send Access-Control-Allow-Origin only for listed origins; never echo Origin or send * at the endpoint',
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
        : pass('no Access-Control-Allow-Origin for this origin');
    },
  },
  {
    id: 'host/foreign',
    title: 'A request for another host is refused',
    severity: 'high',
    sends: 'tools/list with Host: attacker.example',
    fix: 'Answer 403 or 421 if Host is not a name of this server; otherwise DNS rebinding can reach it',
    reference: 'RFC 9110 §7.4; MCP 2026-07-28 Security Best Practices, DNS rebinding',
    run: (probe) => refusesEach(probe, [{ host: 'attacker.example' }]),
  },
  {
    id: 'host/ambiguous',
    title: 'A request with two Host fields is refused',
    severity: 'medium',
    sends: 'tools/list with two Host fields, as raw bytes',
    fix: 'Answer 400 to a request with more than one Host field',
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
      return (status < 300 && status !== 0 ? fail : pass)(
        status === 0 ? 'connection closed' : `HTTP ${status}`,
      );
    },
  },
];
