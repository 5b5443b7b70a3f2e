import { createHmac, randomBytes } from 'node:crypto';
import type { Check } from '../check.ts';
import type { Answer } from '../exchange.ts';
import { initializeMessage, modernMessage } from '../messages.ts';
import { needAccess, needProtection, type Probe, succeeded } from '../probe.ts';
import type { SendOptions } from '../sender.ts';
import { fail, notApplicable, pass, type Verdict } from '../verdict.ts';

/** Passes if the server refuses every request. */
async function noneSucceeds(probe: Probe, requests: readonly SendOptions[]): Promise<Verdict> {
  const answers: Answer[] = [];
  for (const request of requests)
    answers.push(await probe.ask('tools/list', {}, { ...request, auth: 'none' }));
  const through = answers.filter(succeeded);
  if (through.length > 0) return fail(`accepted: ${through.map(probe.describe).join('; ')}`);
  return pass(probe.describe(answers[0] as Answer));
}

const bearer = (token: string): SendOptions => ({ headers: { authorization: `Bearer ${token}` } });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Tokens with a forged signature. They carry the claims of the real token if that is a JWT. */
function forgeries({ target, options }: Probe): string[] {
  const [header = '', payload = '', signature = ''] = options.token?.split('.') ?? [];
  const real = claimsOf(payload);
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const made = {
    iss: target.url.origin,
    aud: target.url.href,
    sub: 'doctor',
    client_id: 'doctor',
    scope: 'admin',
  };
  const claims = encode({ ...made, ...real, exp });
  const none = `${encode({ alg: 'none', typ: 'at+jwt' })}.${claims}.`;
  const head = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${claims}`;
  const weak = ['', 'secret'].map(
    (key) => `${head}.${createHmac('sha256', key).update(head).digest('base64url')}`,
  );
  const altered = real === undefined ? [] : [`${header}.${encode({ ...real, exp })}.${signature}`];
  return [none, ...weak, ...altered];
}

function claimsOf(payload: string): object | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}

const REFERENCE = 'MCP 2026-07-28 Authorization, Token Handling';
const FIX = 'Validate the token of every request first, and answer 401 without a valid one';

export const AUTHENTICATION_CHECKS: readonly Check[] = [
  {
    id: 'authentication/missing-token',
    title: 'Requests without a token are refused',
    severity: 'high',
    sends: 'initialize, server/discover and tools/list without a token',
    fix: FIX,
    reference: 'MCP 2026-07-28 Streamable HTTP, Security & Endpoint; Authorization, Token Requirements',
    async run(probe) {
      const answers = [probe.known.refusal];
      for (const message of [
        initializeMessage(),
        modernMessage('server/discover'),
        probe.message('tools/list'),
      ]) {
        answers.push(await probe.post(message, { auth: 'none', headers: { 'mcp-session-id': undefined } }));
      }
      const through = answers.filter(succeeded);
      if (through.length > 0) return fail(through.map(probe.describe).join('; '));
      return pass(probe.describe(probe.known.refusal));
    },
  },
  {
    id: 'authentication/bad-token',
    title: 'A token that was never issued is refused',
    severity: 'high',
    sends: 'tools/list with a random token, with an empty token and with Basic credentials',
    fix: FIX,
    reference: REFERENCE,
    async run(probe) {
      needProtection(probe);
      const basic = { headers: { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` } };
      return await noneSucceeds(probe, [bearer(randomBytes(32).toString('base64url')), bearer(''), basic]);
    },
  },
  {
    id: 'authentication/expired-token',
    title: 'An expired token is refused',
    severity: 'high',
    sends: 'tools/list with the token in MCP_EXPIRED_TOKEN',
    fix: 'Check the expiry of the token on every request',
    reference: REFERENCE,
    async run(probe) {
      needProtection(probe);
      const { expiredToken } = probe.options;
      if (expiredToken === undefined) return notApplicable('MCP_EXPIRED_TOKEN is not set');
      return await noneSucceeds(probe, [bearer(expiredToken)]);
    },
  },
  {
    id: 'authentication/forged-token',
    title: 'A token with a forged signature is refused',
    severity: 'high',
    sends: 'tools/list with JWTs that use alg none, a guessable key or altered claims',
    fix: 'Verify signatures with the issuer’s keys and a fixed list of asymmetric algorithms',
    reference: 'RFC 8725 §3.1, §3.2; MCP 2026-07-28 Authorization, Token Handling',
    async run(probe) {
      needProtection(probe);
      return await noneSucceeds(probe, forgeries(probe).map(bearer));
    },
  },
  {
    id: 'authentication/token-in-query',
    title: 'A token in the query string is ignored',
    severity: 'high',
    sends:
      'tools/list without Authorization, with the token as access_token, token and api_key in the query string',
    fix: 'Read the token only from the Authorization header; revoke the token of this run, because logs may contain it',
    reference: 'MCP 2026-07-28 Authorization, Token Requirements; RFC 9700 §4.3.2',
    async run(probe) {
      needAccess(probe);
      needProtection(probe);
      const token = encodeURIComponent(probe.options.token ?? '');
      const query = ['access_token', 'token', 'api_key'].map((name) => `${name}=${token}`).join('&');
      const { path } = probe.target;
      return await noneSucceeds(probe, [{ path: `${path}${path.includes('?') ? '&' : '?'}${query}` }]);
    },
  },
  {
    id: 'authentication/session',
    title: 'A session ID does not replace a token',
    severity: 'high',
    sends: 'tools/list with a valid session ID but no token',
    fix: 'Authenticate every request; never accept Mcp-Session-Id as authentication',
    reference: 'MCP 2025-11-25 Security Best Practices, Session Hijacking',
    async run(probe) {
      needProtection(probe);
      const { session } = probe.known;
      if (session === undefined) return notApplicable('the server does not use sessions');
      return await noneSucceeds(probe, [{ headers: { 'mcp-session-id': session } }]);
    },
  },
  {
    id: 'authentication/get-stream',
    title: 'No event stream opens without a token',
    severity: 'high',
    sends: 'GET for an event stream without a token',
    fix: 'Authenticate GET like POST, or answer it with 405',
    reference: 'MCP 2025-11-25 Transports, Security Warning',
    async run(probe) {
      needProtection(probe);
      const answer = await probe.send({
        method: 'GET',
        auth: 'none',
        headOnly: true,
        headers: { accept: 'text/event-stream' },
      });
      const open = answer.status < 300 && answer.headers['content-type']?.startsWith('text/event-stream');
      return (open ? fail : pass)(probe.describe(answer));
    },
  },
];
