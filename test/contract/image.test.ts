import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { HEALTH_CHECK_SCRIPT } from '../../infra/constructs/task/task.ts';

const dockerfile = readFileSync(new URL('../../service/Dockerfile', import.meta.url), 'utf8');

test('the image and the task definition have the same health check', () => {
  const command: unknown = JSON.parse(/ CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? '');
  expect(command).toEqual(['/nodejs/bin/node', '-e', HEALTH_CHECK_SCRIPT]);
});
