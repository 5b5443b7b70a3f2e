import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { toolPage, toolSection } from '../../../scripts/docs/tool-table.ts';
import { exampleAwsTool } from '../../../service/tools/example-aws.ts';
import { exampleHttpTool } from '../../../service/tools/example-http.ts';
import { tools } from '../../../service/tools/index.ts';
import { greetTool, orderTool } from '../../support/fixture-tools.ts';

test('a tool is listed with its settings, secrets, hosts, AWS rights and recording', () => {
  expect(toolSection(orderTool)).toBe(`## order

| setting | description | rule | default |
|---|---|---|---|
| \`apiHost\` | Host of the order API | string, 0–253 characters | **required** |
| \`table\` | Table of orders | string, 0–200 characters | \`"orders"\` |
| \`most\` | Most orders in a result | integer, 1–100 | \`10\` |

| needs |  |
|---|---|
| Secret | \`apiKey\` |
| Secret | \`signingKey\` |
| Host | \`{apiHost}\`, of your own network |
| Host | \`status.example.org\` |
| AWS rights | \`dynamodb:Query\` on \`arn:aws:dynamodb:eu-west-1:111122223333:table/{table}\` |
| Arguments in the audit record | \`customer\`: hashed, \`note\`: none |`);
});

test('a tool without needs is listed as such, and the examples can be shown', () => {
  expect(toolSection(greetTool)).toBe('## greet\n\nIt needs no values of a stage.');
  expect(toolPage([exampleHttpTool])).toContain('| Host | `{apiHost}`, of your own network |');
  expect(toolPage([exampleAwsTool])).toContain('| AWS rights | `dynamodb:Query` on `{tableArn}` |');
});

test('docs/tool-list.md shows what the tools state: run npm run options', () => {
  const page = readFileSync(new URL('../../../docs/tool-list.md', import.meta.url), 'utf8');
  const shown = tools.filter(({ name }) => page.includes(`\n## ${name}\n`));
  // A tool that a fork adds is on the page after the next run.
  for (const tool of shown)
    expect(`${page}\n## `).toContain(`\n${toolSection(tool)}\n\n`.replace(/\n\n$/, '\n'));
});
