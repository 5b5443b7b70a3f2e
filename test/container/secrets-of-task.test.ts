import { expect, test } from '@jest/globals';
import { parseEnvironment } from '../../service/environment.ts';
import { containerEnvironment } from '../infra/container-environment.ts';
import { stages } from '../infra/stages.ts';
import { template } from '../infra/templates.ts';
import { variants } from '../infra/variants.ts';
import { fetchPageTool } from '../support/fetch-page.ts';
import { secretsOfTask, withTokenList } from './secrets-of-task.ts';

test('every secret that the variables refer to gets a value', async () => {
  const variables = containerEnvironment(template(stages.prod));
  const { values, auditKey } = await secretsOfTask(variables);
  expect(Object.keys(values)).toEqual([
    expect.stringMatching(/^arn:aws:secretsmanager:.*Tokens/),
    expect.stringMatching(/^arn:aws:secretsmanager:.*AuditKey/),
    expect.stringMatching(/^arn:aws:secretsmanager:.*AccessList/),
  ]);
  expect(Object.values(values)[1]).toBe(auditKey);
  expect(withTokenList(variables)).toBe(variables);
});

test('a stage with an issuer runs with a token list instead', async () => {
  const variables = withTokenList(containerEnvironment(template(variants.issuer)));
  expect(parseEnvironment('deployed', variables, [fetchPageTool])).toMatchObject({
    authTokens: expect.anything(),
  });
  expect(Object.keys((await secretsOfTask(variables)).values)).toContain('token-list');
});
