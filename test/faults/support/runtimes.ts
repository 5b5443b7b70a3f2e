import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { imageOptions } from '../../service/support/deployed-bundle.ts';

/** A Node.js release that the image may run, for tests whose subject differs between release lines. */
const NODE_24 = '24.21.0';

export interface Runtime {
  readonly path: string;
  /** The image's options for it. */
  readonly options: readonly string[];
}

/** Node.js 24 from npm, in a folder that is removed after the test file. Call it where hooks may be declared. */
export function installNode24(): Runtime {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-node24-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, `node@${NODE_24}`]);
  return {
    path: join(folder, 'node_modules/node/bin/node'),
    options: imageOptions.map((option) => option.replace('/app/', `${process.cwd()}/dist/`)),
  };
}
