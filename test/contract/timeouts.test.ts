import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TIMEOUTS } from '../../service/serve/timeouts.ts';
import { stages } from '../infra/stages.ts';
import { only, stack, stageNames, template } from '../infra/synthesize.ts';
import { type RunningApp, startApp } from '../service/support/start-app.ts';
import { createEveryTool } from '../support/every-tool.ts';

const SECOND = 1000;

/** The longest scrape that the stack accepts, in milliseconds, as its error states it. */
function longestScrape(): number {
  try {
    stack({ ...stages.prod, task: { scrapeTimeoutMs: Number.MAX_SAFE_INTEGER } });
  } catch (error) {
    return Number(/from \d+ to (\d+)/.exec((error as Error).message)?.[1]);
  }
  throw new Error('expected a refusal');
}

async function longestTool(): Promise<number> {
  return Math.max(longestScrape(), ...(await createEveryTool()).map(({ deadlineMs }) => deadlineMs));
}

describe.each(stageNames)('in %s', (name) => {
  const found = template(stages[name]);
  const attribute = (list: { Key: string; Value: string }[], key: string) =>
    Number(list.find(({ Key }) => Key === `${key}_seconds` || Key === `${key}.seconds`)?.Value) * SECOND;
  const { LoadBalancerAttributes: ofBalancer } = only(
    found,
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
  ).Properties;
  const { TargetGroupAttributes: ofTargets } = only(
    found,
    'AWS::ElasticLoadBalancingV2::TargetGroup',
  ).Properties;
  const [container] = only(found, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;

  test('the load balancer keeps a connection longer than the longest tool, and the service longer than the load balancer', async () => {
    const idle = attribute(ofBalancer, 'idle_timeout.timeout');
    // Five seconds for everything else: reading the body, the issuer's keys, the answer.
    expect(idle).toBeGreaterThanOrEqual((await longestTool()) + 5 * SECOND);
    expect(TIMEOUTS.keepAlive).toBeGreaterThan(idle);
    expect(TIMEOUTS.silence).toBeGreaterThan(TIMEOUTS.keepAlive);
    // A client's idle connection does not end before the load balancer would end it.
    expect(attribute(ofBalancer, 'client_keep_alive')).toBeGreaterThan(idle);
  });

  test('a task that stops has time to drain and to flush its last records', () => {
    const deregistration = attribute(ofTargets, 'deregistration_delay.timeout');
    const stop = container.StopTimeout * SECOND;
    expect(deregistration).toBeGreaterThanOrEqual(TIMEOUTS.drain);
    expect(stop).toBeGreaterThanOrEqual(TIMEOUTS.drain + TIMEOUTS.cutGrace + TIMEOUTS.flush + 5 * SECOND);
    expect(stop).toBeGreaterThan(deregistration);
    // The maximum of ECS.
    expect(stop).toBeLessThanOrEqual(120 * SECOND);
  });
});

describe('the service', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.stop());

  test('keeps a connection as long as its constant says', async () => {
    const response = await fetch(new URL('/healthz', app.url));
    expect(response.headers.get('keep-alive')).toBe(`timeout=${TIMEOUTS.keepAlive / SECOND}`);
  });
});
