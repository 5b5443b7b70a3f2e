import { type ExamineOptions, examine } from '../../src/examine.ts';
import type { Scenario } from './scenarios.ts';
import { startSound, TOKEN } from './sound-server.ts';

/** The verdicts `id outcome severity` that do not pass, without those that do not apply. */
export async function verdictsOn(scenario: Scenario, options: ExamineOptions): Promise<string[]> {
  const server = await startSound(scenario);
  try {
    const limits = { token: TOKEN, timeoutMs: 3000, patienceMs: 2000 };
    const url = server.url.replace('127.0.0.1', scenario.host ?? '127.0.0.1');
    const { findings } = await examine(url, { ...limits, ...options, ...scenario.options });
    return findings
      .filter(({ outcome }) => outcome === 'fail' || outcome === 'inconclusive')
      .map(({ id, outcome, severity }) => `${id} ${outcome}${outcome === 'fail' ? ` ${severity}` : ''}`);
  } finally {
    await server.stop();
  }
}
