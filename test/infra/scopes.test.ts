import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { createApp } from '../../infra/app.ts';
import { readScopes, type ScopesOfService, scopeProblems } from '../../infra/scopes.ts';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { appProps, files } from './stack.ts';
import { stages } from './stages.ts';
import { tools } from './tools.ts';

const client = (...scopes: string[]) => ({
  clientId: 'ci',
  scopes,
  principalArn: 'arn:aws:iam::123456789012:role/ci',
});
const stage = (...scopes: string[]): StageConfig => ({
  ...stages.prod,
  tools: { example: {}, fetch_page: {} },
  secrets: {
    clients: [client('example'), client(...scopes)].map((one, index) => ({ ...one, clientId: `c${index}` })),
  },
});
const scopes: ScopesOfService = {
  tools: { example: ['example'], fetch_page: ['pages'], example_aws: ['orders'] },
  others: ['handbook'],
};
const problems = (config: StageConfig, of = scopes, pinned: string[] = []) =>
  scopeProblems(parseStageConfig(config, tools), of, pinned);

test('a client may have the scopes of the tools, resources and prompts that its stage serves, and of its server', () => {
  expect(problems(stage('pages', 'handbook'))).toEqual([]);
  expect(problems(stage('crm.read'), scopes, ['crm.read'])).toEqual([]);
});

test('any other scope is refused by name, with the nearest one, and with those that there are', () => {
  expect(problems(stage('page', 'orders'))).toEqual([
    'secrets.clients[1].scopes must be scopes of what the stage serves (example, pages, handbook), got "page" (did you mean pages?)',
    'secrets.clients[1].scopes must be scopes of what the stage serves (example, pages, handbook), got "orders"',
  ]);
});

test('a tool that was never locked has no known scopes, and the refusal says how to lock it', () => {
  expect(problems(stage('pages'), { ...scopes, tools: { example: ['example'] } })).toEqual([
    expect.stringMatching(/got "pages"; or lock fetch_page first, with npm run tools:lock$/),
  ]);
});

test('synth fails on such a scope, before anything is written', () => {
  const context = { ...appProps.context, stage: 'test' };
  const synth = (...given: string[]) =>
    createApp({ ...appProps, context }, { test: stage(...given) }, { tools, scopes, files });
  expect(() => synth('page')).toThrow(
    'stage test: secrets.clients[1].scopes must be scopes of what the stage serves',
  );
  expect(() => synth('pages')).not.toThrow();
});

test('the scopes of the service are those of its locked definitions, of its resources and of its prompts', () => {
  const { tools: locked, others } = readScopes(resolve(import.meta.dirname, '../..'));
  for (const [name, needed] of Object.entries(locked))
    expect([name, needed.length > 0]).toEqual([name, true]);
  expect(Object.values(locked).flat().concat(others)).toEqual(expect.not.arrayContaining(['']));
});
