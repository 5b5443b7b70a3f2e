import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TOKENS } from '../../test/service/support/tokens.ts';
import { examine, type Report } from '../src/examine.ts';
import { type ServerUnderTest, startWellBehaved } from './support/well-behaved.ts';

const notHeld = ({ findings }: Report) =>
  findings
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ id, outcome, evidence }) => `${id} ${outcome}: ${evidence}`);

describe('our server behind its load balancer', () => {
  let server: ServerUnderTest;
  beforeEach(async () => {
    server = await startWellBehaved();
  });
  afterEach(() => server.stop());

  test('holds everything, rate limits included', async () => {
    const { url, ca, httpPort } = server;
    const report = await examine(url, {
      ...{ ca, httpPort, token: TOKENS.alice, expiredToken: TOKENS.expired, rateTest: 320, patienceMs: 5000 },
    });
    expect(notHeld(report)).toEqual([
      'authentication/session not applicable: the server opens no sessions',
      'eras/session-ids not applicable: the server opens no sessions',
    ]);
  });

  test('without a token holds what needs none, and what needs one could not be told', async () => {
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
