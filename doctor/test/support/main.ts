import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mcp-doctor-main-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The program as one file, which starts several times faster than its sources. */
export const MAIN = join(folder, 'doctor.mjs');
const options = ['--bundle', '--platform=node', '--format=esm', '--log-level=warning', `--outfile=${MAIN}`];
execFileSync(pathOf('../../../node_modules/.bin/esbuild'), [pathOf('../../src/main.ts'), ...options]);
