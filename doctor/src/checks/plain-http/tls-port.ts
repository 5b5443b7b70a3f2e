import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';

export const plainHttpTlsPort: Check = {
  id: 'plain-http/tls-port',
  title: 'The TLS port does not serve plain HTTP',
  fault: 'The TLS port serves plain HTTP',
  severity: 'high',
  why: 'A client with a wrong URL sends its token unencrypted, and nothing tells it so',
  sends: 'one POST over plain HTTP to the port of the URL, without a token',
  fix: 'Accept only TLS on the TLS port',
  reference: 'RFC 9110 §4.2.2',
  baseline: 'handshake',
  async run({ target, known, plain, describe }) {
    const message = known.eras[0]?.message('tools/list');
    const answer = await plain(target.port).send({
      headers: message?.headers,
      body: JSON.stringify(message?.body ?? {}),
    });
    // Web servers answer plain HTTP on their TLS port with a bare 400.
    const refusal = answer.status === 0 || answer.status === 400;
    return (refusal ? pass : fail)(describe(answer));
  },
};
