import { expect, test } from '@jest/globals';
import { stages } from '../../infra/config.ts';
import { stageNames, template } from './synthesize.ts';

/** Hashes of assets change with every edit of the service; that is no change of the stack. */
function normalised(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/[0-9a-f]{64}/g, 'HASH'));
}

test.each(stageNames)('the template of %s changes only on purpose', (name) => {
  expect(normalised(template(stages[name]).toJSON())).toMatchSnapshot();
});
