import type { Check } from '../../check.ts';
import { fail, notApplicable, pass } from '../../verdict.ts';

export const plainHttpPort: Check = {
  id: 'plain-http/port',
  title: 'The plain HTTP port is closed or only redirects to https',
  fault: 'The plain HTTP port serves content',
  severity: 'medium',
  why: 'Clients that use the http URL send their token where every machine on the way reads it',
  sends: 'one GET and one POST over plain HTTP, without a token',
  fix: 'Close port 80, or answer every request there with 301 or 308 to the https URL',
  frameworks: { nginx: 'server { listen 80; return 308 https://$server_name$request_uri; }' },
  reference: 'RFC 6797 §7.2; MCP 2026-07-28 Authorization, Communication Security',
  baseline: 'handshake',
  async run({ options, target, known, plain, describe }) {
    const port = options.httpPort ?? (target.port === 443 ? 80 : undefined);
    if (port === undefined)
      return notApplicable('the URL does not use port 443; set the port with --http-port');
    const sender = plain(port);
    const message = known.eras[0]?.message('tools/list');
    const answers = [
      await sender.send({ method: 'GET' }),
      await sender.send({ body: JSON.stringify(message?.body ?? {}), acceptsLimit: true }),
    ];
    const bad = answers.filter(({ status, headers }) => {
      const to = URL.parse(headers['location'] ?? '');
      const redirects = status >= 300 && status < 400 && to?.protocol === 'https:';
      const home = to?.hostname === target.url.hostname;
      // A refusal serves nothing either. A redirect is better: a client that sent a token has exposed it by then.
      return status !== 0 && !(redirects && home) && !(status >= 400);
    });
    if (bad.length > 0) return fail(`port ${port}: ${bad.map(describe).join('; ')}`);
    return pass(`port ${port}: ${answers.map(describe).join('; ')}`);
  },
};
