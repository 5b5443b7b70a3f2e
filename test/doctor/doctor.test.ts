import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { examine, type Report } from '../../doctor/examine.ts';
import { TOKENS } from '../service/support/tokens.ts';
import { type ServerUnderTest, startWellBehaved } from './support/well-behaved.ts';

const notHeld = ({ findings }: Report) =>
  findings
    .filter(({ outcome }) => outcome !== 'held')
    .map(({ id, outcome, evidence }) => `${id} ${outcome}: ${evidence}`);

describe('our server behind its load balancer', () => {
  let server: ServerUnderTest;
  beforeAll(async () => {
    server = await startWellBehaved();
  });
  afterAll(() => server.stop());

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
});
