import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TOKENS } from '../../test/service/support/tokens.ts';
import { examine, type Report } from '../src/examine.ts';
import { type ServerUnderTest, startWellBehaved } from './support/well-behaved.ts';

const notPassed = ({ findings }: Report) =>
  findings
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ id, outcome, evidence }) => `${id} ${outcome}: ${evidence}`);

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
    expect(notPassed(report)).toEqual([
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
    ]);
  });

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
});
