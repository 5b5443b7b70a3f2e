import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../../', import.meta.url);
const runbook = readFileSync(new URL('RUNBOOK.md', root), 'utf8');
const articles = runbook
  .split(/^## /m)
  .slice(1)
  .map((text) => [text.slice(0, text.indexOf('\n')), text] as const);
// The heading of an alarm is a single word (test/infra/monitoring.test.ts); that of a planned task is a phrase.
const ofAlarms = articles.filter(([heading]) => /^\w+$/.test(heading));

describe.each(ofAlarms)('the article %s', (_heading, text) => {
  test('states severity, meaning, investigation and resolution, in this order', () => {
    const parts = [...text.matchAll(/^\*\*(\w+)\.\*\* \S/gm)].map(([, part]) => part);
    expect(parts).toEqual(['Severity', 'Description', 'Investigation', 'Resolution']);
  });

  test('has a query or command for the investigation', () => {
    const [, investigation = ''] = text.split(/^\*\*(?:Investigation|Resolution)\.\*\*/m);
    expect(investigation).toMatch(/^```(?:sh)?\n[\s\S]+^```$/m);
  });
});

test('there are articles for planned tasks', () => {
  const planned = articles.map(([heading]) => heading).filter((heading) => !/^\w+$/.test(heading));
  expect(planned).toEqual([
    'Incident response',
    'Cutting off a user, a client or a tool',
    'A token has leaked',
    'Rotating a secret',
    'Rotating a key',
    'Reviewing the audit log',
    'Resources of a removed stage',
    'A region is lost',
  ]);
});

test('each log group whose name begins with a fixed text is named so, as it is in docs/data.md', () => {
  const data = readFileSync(new URL('docs/data.md', root), 'utf8');
  const prefixes = readdirSync(new URL('infra', root), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [
      ...readFileSync(new URL(`infra/${name}`, root), 'utf8').matchAll(
        /createDeliveredLogGroup\(this, \{\s*prefix: '([^']+)'/g,
      ),
    ])
    .map(([, prefix = '']) => prefix);
  expect(prefixes).toHaveLength(2);
  expect(prefixes.filter((prefix) => !runbook.includes(`\`${prefix}Mcp-STAGE-`))).toEqual([]);
  expect(prefixes.filter((prefix) => !data.includes(`log group \`${prefix}…\``))).toEqual([]);
});

test('queries search for events that the code logs', () => {
  const source = ['service', 'functions']
    .flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(new URL(`${folder}/${name}`, root), 'utf8')),
    )
    .join('\n');
  const events = new Set([...runbook.matchAll(/event = "(\w+)"/g)].map(([, event]) => event));
  expect(events.size).toBeGreaterThan(8);
  for (const event of events) expect(source).toContain(`'${event}'`);
});
