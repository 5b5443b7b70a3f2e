import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { findingsOf } from '../../infra/rules/hardened.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { apiKeyKmsKeyArn, apiKeySecretArn, toolSecretArn } from './combinations.ts';
import { stack } from './stack.ts';
import { stages } from './stages.ts';
import { problemsOf, right, toolWith } from './tool-statements.ts';

describe('as many tools as a stage takes', () => {
  const secrets = Array.from({ length: 20 }, (_, index) => `s${index}`);
  const arn = (index: number) =>
    `${toolSecretArn.slice(0, -'stock-api-AbCdEf'.length)}${String(index).padStart(430, 'x')}-AbCdEf`;
  const settings = z.strictObject({ text: z.string().max(20_000).default('') });
  const big = (awsActions: number, text = 0, hosts = 0): [ToolDefinition, object] => [
    toolWith({
      settings,
      secrets,
      hosts: Array.from({ length: hosts }, (_, index) => `h${index}.example.com`),
      awsActions: Array.from({ length: awsActions }, (_, index) => ({
        actions: ['s3:GetObject'],
        resources: [`arn:aws:s3:::${String(index).padStart(60, 'b')}/${'k'.repeat(350)}`],
      })),
    }),
    {
      settings: { text: 'x'.repeat(text) },
      secrets: Object.fromEntries(
        secrets.map((name, index) => [
          name,
          { arn: arn(index), kmsKeyArn: `${apiKeyKmsKeyArn.slice(0, -2)}${10 + index}` },
        ]),
      ),
    },
  ];

  test('fit every limit of AWS', () => {
    const [definition, own] = big(23, 700, 200);
    const json = Template.fromStack(
      stack({ ...stages.prod, task: {}, tools: { own } }, 'Mcp-test', [definition]),
    ).toJSON();
    const found = findingsOf(json).filter(({ rule }) => rule.id === 'ServiceLimits');
    expect(found).toEqual([]);
  });

  test.each([
    [big(40), 'tools must have together needs.awsActions of at most 11000 characters as JSON, got'],
    [big(0, 5000), 'tools must have together values of at most 12000 characters as JSON, got'],
    [
      big(0, 0, 301),
      'tools must have together needs.hosts of at most 300 names, with those of AWS services, got 301',
    ],
  ])('%# and no more', ([definition, own], message) => {
    expect(problemsOf({ tools: { own } }, [definition]).join('\n')).toContain(message);
  });

  test('have 20 secrets at most, and rights of 5000 characters each', () => {
    const names = Array.from({ length: 21 }, (_, index) => `s${index}`);
    const own = { secrets: Object.fromEntries(names.map((name) => [name, apiKeySecretArn])) };
    expect(problemsOf({ tools: { own } }, [toolWith({ secrets: names })])).toEqual([
      'tools must have together secrets of at most 20 in all, got 21',
    ]);
    const long = right('s3:GetObject', `arn:aws:s3:::b/${'k'.repeat(2000)}`).awsActions[0];
    const resources = [0, 1, 2].map((index) => `${long?.resources[0]}${index}`);
    expect(problemsOf({}, [toolWith({ awsActions: [{ actions: ['s3:GetObject'], resources }] })])[0]).toMatch(
      /^tools\.own must have needs\.awsActions of at most 5000 characters each as JSON, got/,
    );
  });
});
