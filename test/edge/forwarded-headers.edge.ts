import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { stages } from '../infra/stages.ts';
import { template } from '../infra/templates.ts';
import { type RecordingTask, startRecordingTask } from './support/recording-task.ts';
import { sendTo } from './support/send.ts';
import { type RunningEdge, startEdge } from './support/start-edge.ts';

const NAME = stages.prod.domain.domainName;
const SENT = {
  'x-good': '1',
  x_underscore: '1',
  'x.dot': '1',
  mcp_name: 'scrape_url',
  x_forwarded_for: '203.0.113.9',
  'x-forwarded-for': '203.0.113.9, 198.51.100.7',
};

let task: RecordingTask;
beforeAll(async () => {
  task = await startRecordingTask();
});
afterAll(() => task.close());

/** The headers that a task receives when 127.0.0.5 sends all of them. */
async function forwarded(edge: RunningEdge) {
  task.seen.length = 0;
  expect((await sendTo(edge, { from: '127.0.0.5', headers: SENT, body: {} })).status).toBe(200);
  return task.seen[0] ?? {};
}

describe('behind the edge of the template', () => {
  let edge: RunningEdge;
  beforeAll(async () => {
    edge = await startEdge(template(stages.prod), NAME, task.port);
  });
  afterAll(() => edge.stop());

  test('a task receives no header whose name has an underscore or a dot', async () => {
    const names = Object.keys(await forwarded(edge));
    expect(names).toContain('x-good');
    expect(names.filter((name) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
  });

  test('a task receives the client’s address after any text of the client, and the client’s Host unchanged', async () => {
    expect(await forwarded(edge)).toMatchObject({
      'x-forwarded-for': '203.0.113.9, 198.51.100.7, 127.0.0.5',
      host: NAME,
    });
  });
});

test('with other settings of the load balancer, a task would receive them all', async () => {
  const weak = template(stages.prod).toJSON();
  for (const { Type, Properties } of Object.values(weak['Resources']) as {
    Type: string;
    Properties: never;
  }[])
    if (Type.endsWith('V2::LoadBalancer')) loosen(Properties);
  const edge = await startEdge(Template.fromJSON(weak), NAME, task.port);
  const headers = await forwarded(edge);
  expect(headers).toMatchObject(SENT);
  await edge.stop();
});

function loosen({ LoadBalancerAttributes }: { LoadBalancerAttributes: { Key: string; Value: string }[] }) {
  const loose: Record<string, string> = {
    'routing.http.drop_invalid_header_fields.enabled': 'false',
    'routing.http.xff_header_processing.mode': 'preserve',
  };
  for (const attribute of LoadBalancerAttributes) attribute.Value = loose[attribute.Key] ?? attribute.Value;
}
