import type { Check } from '../check.ts';
import { needTls, type Probe } from '../probe.ts';
import { fail, notApplicable, pass } from '../verdict.ts';

function portOf({ options, target }: Probe): number | undefined {
  return options.httpPort ?? (target.port === 443 ? 80 : undefined);
}

export const PLAIN_HTTP_CHECKS: readonly Check[] = [
  {
    id: 'plain-http/port',
    title: 'The plain HTTP port is closed or only redirects to https',
    severity: 'medium',
    sends: 'one GET and one POST over plain HTTP, without a token',
    fix: 'Close port 80, or answer every request there with 301 or 308 to the https URL',
    reference: 'RFC 6797 §7.2; MCP 2026-07-28 Authorization, Communication Security',
    async run(probe) {
      needTls(probe);
      const port = portOf(probe);
      if (port === undefined)
        return notApplicable('the URL does not use port 443; set the port with --http-port');
      const sender = probe.plain(port);
      const { body } = probe.message('tools/list');
      const answers = [
        await sender.send({ method: 'GET' }),
        await sender.send({ body: JSON.stringify(body), acceptsLimit: true }),
      ];
      const bad = answers.filter(({ status, headers }) => {
        const to = URL.parse(headers['location'] ?? '');
        const redirects = status >= 300 && status < 400 && to?.protocol === 'https:';
        const home = to?.hostname === probe.target.url.hostname;
        // A refusal serves nothing either. A redirect is better: a client that sent a token has exposed it by then.
        return status !== 0 && !(redirects && home) && !(status >= 400);
      });
      if (bad.length > 0) return fail(`port ${port}: ${bad.map(probe.describe).join('; ')}`);
      return pass(`port ${port}: ${answers.map(probe.describe).join('; ')}`);
    },
  },
  {
    id: 'plain-http/tls-port',
    title: 'The TLS port does not serve plain HTTP',
    severity: 'high',
    sends: 'one POST over plain HTTP to the port of the URL, without a token',
    fix: 'Accept only TLS on the TLS port',
    reference: 'RFC 9110 §4.2.2',
    async run(probe) {
      needTls(probe);
      const { body, headers } = probe.message('tools/list');
      const answer = await probe.plain(probe.target.port).send({ body: JSON.stringify(body), headers });
      // Web servers answer plain HTTP on their TLS port with a bare 400.
      const refusal = answer.status === 0 || answer.status === 400;
      return (refusal ? pass : fail)(probe.describe(answer));
    },
  },
];
