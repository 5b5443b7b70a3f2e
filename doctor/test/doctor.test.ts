import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { claimsOf, createSigningKey, sign, startIssuer } from '../../test/service/support/issuer.ts';
import { oauthVerifier } from '../../test/service/support/oauth-app.ts';
import { TOKENS } from '../../test/service/support/tokens.ts';
import { examine, type Report } from '../src/examine.ts';
import { type ServerUnderTest, startWellBehaved } from './support/well-behaved.ts';

const notPassed = ({ findings }: Report) =>
  findings
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ id, outcome, evidence }) => `${id} ${outcome}: ${evidence}`);

/** It has no sessions, and these options are not given. */
const NOT_APPLICABLE = [
  'authentication/session not applicable: the server does not use sessions',
  ...['name', 'pkce', 'https', 'registration'].map(
    (name) => `issuer/${name} not applicable: needs --issuer URL`,
  ),
  'eras/session-ids not applicable: the server does not use sessions',
  ...['fixation', 'unknown', 'ended', 'other-token'].map(
    (name) => `sessions/${name} not applicable: the server does not use sessions`,
  ),
  'sessions/lifetime not applicable: needs --session-idle SECONDS',
  'definitions/pinned not applicable: needs --check-pin FILE',
];

describe('the kit’s server behind its load balancer', () => {
  let server: ServerUnderTest;
  beforeEach(async () => {
    server = await startWellBehaved();
  });
  afterEach(() => server.stop());

  test('passes every check, including rate limits', async () => {
    const { url, ca, httpPort } = server;
    const report = await examine(url, {
      ...{ ca, httpPort, token: TOKENS.alice, expiredToken: TOKENS.expired, rateTest: 320, patienceMs: 5000 },
      ...{ secondToken: TOKENS.bob, inject: true },
    });
    expect(notPassed(report)).toEqual(NOT_APPLICABLE);
  }, 90_000);

  test('without a token passes the checks that need none; the others are inconclusive', async () => {
    const { url, ca, httpPort } = server;
    const { findings } = await examine(url, {
      ...{ ca, httpPort, expiredToken: TOKENS.expired, patienceMs: 5000 },
    });
    expect(findings.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    const outcome = (id: string) => findings.find((finding) => finding.id === id)?.outcome;
    expect(outcome('authentication/expired-token')).toBe('pass');
    expect(outcome('authentication/token-in-query')).toBe('inconclusive');
    expect(outcome('origin/foreign')).toBe('inconclusive');
  });

  test('in oauth mode passes every check', async () => {
    const [key, other] = [await createSigningKey('one'), await createSigningKey('other')];
    const issuer = await startIssuer([key]);
    const { verifier } = oauthVerifier({ issuer: issuer.url, scopes: ['scrape'] });
    const oauth = await startWellBehaved({ app: { verifier }, authFailureLimitPerMinute: 1000 });
    const claims = (changes = {}) => claimsOf(issuer.url, { scope: 'scrape', ...changes });
    const past = Math.floor(Date.now() / 1000) - 3600;
    const report = await examine(oauth.url, {
      ...{ ca: oauth.ca, httpPort: oauth.httpPort, patienceMs: 5000, inject: true },
      token: await sign(key, claims()),
      secondToken: await sign(key, claims({ sub: 'user-2' })),
      expiredToken: await sign(key, claims({ exp: past, iat: past - 300 })),
    });
    // Signed by a key that the issuer does not publish.
    const forged = await examine(oauth.url, {
      ca: oauth.ca,
      token: await sign(other, claims()),
      only: ['authentication'],
    });
    await oauth.stop();
    await issuer.close();
    expect(notPassed(report)).toEqual([
      ...NOT_APPLICABLE,
      ...['client', 'bad-tokens'].map((name) => `rate-limits/${name} not applicable: needs --rate-test N`),
    ]);
    expect(forged.notes.join()).toContain('the token was refused (HTTP 401)');
  }, 90_000);
});
