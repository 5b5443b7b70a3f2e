import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const { engines, devEngines } = JSON.parse(read('package.json'));

/** Releases since which Node.js answers a request with too many header fields by itself (CVE-2026-58044). */
const FIXED = ['22.23.2', '24.18.1', '26.5.1'];

test('package.json names the first fixed release of each line, in both places', () => {
  const [line22, line24, later] = FIXED;
  expect(engines.node).toBe(`^20.19 || ^${line22} || ^${line24} || >=${later}`);
  expect(devEngines.runtime).toEqual({ name: 'node', version: engines.node, onFail: 'error' });
});

test('the image is built with a fixed release of 24, and README names no earlier one', () => {
  const [, minor, patch] = /^ARG BUILD_IMAGE=node:24\.(\d+)\.(\d+)-/m.exec(read('service/Dockerfile')) ?? [];
  expect(Number(minor) * 1000 + Number(patch)).toBeGreaterThanOrEqual(18_001);
  for (const file of ['README.md', 'CHANGELOG.md']) {
    expect(read(file)).toMatch(/Node\.js 20\.19\+, 22\.23\.2\+ (?:or|and) 24\.18\.1\+/);
  }
});
