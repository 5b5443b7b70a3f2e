import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SCRAPER } from '../../support/deleted.ts';

const root = new URL('../../..', import.meta.url).pathname;
/** Of these files, those of the service. */
const OF_THE_SERVICE = SCRAPER.filter((path) => path.startsWith('service/'));

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mcp-without-scraper-'));
  for (const path of ['service', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  for (const path of OF_THE_SERVICE) rmSync(join(copy, path), { recursive: true });
  const list = join(copy, 'service/tools/index.ts');
  const text = readFileSync(list, 'utf8')
    .replace(/^import \{ scrape.*\n/gm, '')
    .replace(/\[scrape.*\]/, '[]');
  writeFileSync(list, text);
});
afterAll(() => rmSync(copy, { recursive: true }));

test('docs/tools.md names the files that a fork deletes', () => {
  const [, section = ''] = readFileSync(join(root, 'docs/tools.md'), 'utf8').split(
    '\n## Without the scraper\n',
  );
  const [, command = ''] = /^git rm -r (.*?)\n```$/ms.exec(section) ?? [];
  expect(command.split(/[\s\\]+/).toSorted()).toEqual(SCRAPER.toSorted());
});

test('without the scraper, the service compiles', () => {
  writeFileSync(
    join(copy, 'tsconfig.service.json'),
    JSON.stringify({ extends: './tsconfig.json', include: ['service'] }),
  );
  const tsc = spawnSync('node_modules/.bin/tsc', ['--project', 'tsconfig.service.json'], { cwd: copy });
  expect(`${tsc.stdout}`).toBe('');
  expect(tsc.status).toBe(0);
});

test('without the scraper, the service starts and stops', async () => {
  const env = { PORT: '0' };
  const child = spawn(process.execPath, ['--import', 'tsx', 'service/main.ts', 'local'], { cwd: copy, env });
  let said = '';
  const listening = new Promise<void>((resolve, reject) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('"event":"listening"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
  });
  await listening;
  child.removeAllListeners('exit');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
}, 60_000);
