import { describe, expect, test } from '@jest/globals';
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { App, Stack, Validations } from 'aws-cdk-lib/core';
import { acknowledge } from '../../infra/acknowledge.ts';
import { readAcknowledgements } from '../../infra/acknowledged.ts';
import { enforcePolicy } from '../../infra/policy.ts';
import { appProps } from './stack.ts';
import { openFindings } from './validation-report.ts';

const REASON = 'This test says so, and nothing else.';
const QUEUE = 'AwsSolutions::AwsSolutions-SQS3';

/** A stack with a queue, a bucket and what `add` does. The kit's rules miss nearly every resource in it. */
function small(add: (stack: Stack, queue: Queue) => void = () => {}): App {
  const app = new App(appProps);
  const stack = new Stack(app, 'Small');
  const queue = new Queue(stack, 'Jobs');
  new Bucket(stack, 'Files');
  add(stack, queue);
  enforcePolicy(app);
  return app;
}

/** The faults of the acknowledgements after a synthesis. */
function faultsOf(add: (stack: Stack, queue: Queue) => void): readonly string[] {
  const app = small(add);
  openFindings(app);
  return readAcknowledgements(app, app.outdir).faults;
}

const withoutAny = openFindings(small());

describe('an id', () => {
  test.each([QUEUE, 'AwsSolutions-SQS3'])('%s acknowledges the finding that it names', (id) => {
    const app = small((_stack, queue) => acknowledge(queue, id, REASON));
    const open = openFindings(app).map((finding) => finding.id);
    expect(withoutAny.map((finding) => finding.id)).toContain(QUEUE);
    expect(open).not.toContain(QUEUE);
    expect(open).toHaveLength(withoutAny.length - 1);
    expect(readAcknowledgements(app, app.outdir)).toEqual({
      used: [{ id: QUEUE, at: 'Small/Jobs', reason: REASON, paths: ['Small/Jobs/Resource'] }],
      faults: [],
      notice: '',
    });
  });

  test.each([
    ['AwsSolutions-SQS33', ' (did you mean AwsSolutions::AwsSolutions-SQS3?)'],
    [
      'Hardened::BucketsRetained',
      '; open there: AwsSolutions::AwsSolutions-SQS3, AwsSolutions::AwsSolutions-SQS4',
    ],
  ])('%s that matches no finding fails', (id, hint) => {
    const [fault, ...others] = faultsOf((_stack, queue) => acknowledge(queue, id, REASON));
    expect(others).toEqual([]);
    expect(fault).toMatch(/^Small\/Jobs: the acknowledgement of \S+ matches no finding/);
    expect(fault).toContain(hint);
  });

  test.each([
    ['BucketsRetainedd', '"BucketsRetainedd" is not the id of a rule (did you mean BucketsRetained?)'],
    ['SQS3', '"SQS3" is not the id of a rule'],
  ])('%s that no rule can have is refused', (id, message) => {
    expect(() => small((_stack, queue) => acknowledge(queue, id, REASON))).toThrow(message);
  });

  test('of a rule of the kit needs no namespace, and of several findings is one list', () => {
    const app = small((stack) =>
      acknowledge(stack.node.findChild('Files'), ['BucketsRetained', 'Hardened::BucketsLogged'], REASON),
    );
    const ids = openFindings(app).map(({ id }) => id);
    expect(ids.filter((id) => /Buckets(Kept|Logged)$/.test(id))).toEqual([]);
    expect(readAcknowledgements(app, app.outdir).faults).toEqual([]);
  });
});

test.each(['', 'because', `${' '.repeat(30)}TODO`])('the reason %j is too short', (reason) => {
  expect(() => small((_stack, queue) => acknowledge(queue, QUEUE, reason))).toThrow(
    'must have at least 20 characters',
  );
});

test('a whole stack may be acknowledged only for what concerns the stack', () => {
  const faults = faultsOf((stack) => {
    acknowledge(stack, 'BucketsRetained', REASON);
    acknowledge(stack, 'CoreAlarms', REASON);
  });
  expect(faults).toEqual([
    'Small: the acknowledgement of Hardened::BucketsRetained covers a whole stack; acknowledge it at Small/Files/Resource',
  ]);
});

test('a finding that AWS would refuse is fatal, says that it cannot be acknowledged, and stays', () => {
  const app = small((stack) => {
    new CfnQueryDefinition(stack, 'Query', { name: 'x'.repeat(256), queryString: 'fields @message' });
    acknowledge(stack, 'ServiceLimits', REASON);
  });
  const [limit] = openFindings(app).filter(({ id }) => id === 'Hardened::ServiceLimits');
  expect(limit).toMatchObject({
    severity: 'fatal',
    fix: expect.stringContaining('It cannot be acknowledged'),
  });
  expect(readAcknowledgements(app, app.outdir).faults).toHaveLength(1);
});

test('a warning of the CDK is acknowledged by the id that is printed, if it is there', () => {
  const id = 'Annotation::theirs:odd';
  const app = small((_stack, queue) => {
    Validations.of(queue).addWarning('theirs:odd', 'This is odd');
    acknowledge(queue, id, REASON);
  });
  expect(openFindings(app).map((finding) => finding.id)).not.toContain(id);
  expect(() => small((_stack, queue) => acknowledge(queue, id, REASON))).toThrow('there is no warning');
});

test('a rule that is acknowledged outside of the extensions is in a notice on every synth', () => {
  const app = small((stack) =>
    Validations.of(stack).acknowledge({ id: 'Hardened::CoreAlarms', reason: REASON }),
  );
  openFindings(app);
  expect(readAcknowledgements(app, app.outdir).notice).toContain(
    `  Small  Hardened::CoreAlarms: ${REASON}\n`,
  );
});
