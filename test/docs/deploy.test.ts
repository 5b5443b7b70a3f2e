import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const page = readFileSync(new URL('../../docs/deploy.md', import.meta.url), 'utf8');
const [, afterHeading = ''] = page.split('\n## When a step fails\n');
const [symptoms = ''] = afterHeading.split('\n## ');

test('each symptom whose fix is to deploy again names the termination protection, which refuses that', () => {
  const rows = symptoms.split('\n').filter((line) => /deploy again/i.test(line));
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter((row) => !row.includes('TerminationProtection'))).toEqual([]);
});

test('the acceptance test says how to end the token that its doctor puts into a query string', () => {
  const row = page.split('\n').find((line) => line.startsWith('| `doctor` |'));
  expect(row).toMatch(/works until the grace period ends.*RUNBOOK\.md#a-token-has-leaked.*`revoke`/);
});
