import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createLeakCheck } from '../service/support/leaks.ts';
import { startProcess } from '../service/support/start-process.ts';

const root = new URL('../..', import.meta.url).pathname;
/** Only for this test: each start prints the token. */
const leaks = createLeakCheck();
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'mcp-dev-'));
  for (const path of ['service', 'cli', 'package.json'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  const list = "import { exampleTool } from './example.ts';\n\nexport const tools = [exampleTool];\n";
  writeFileSync(join(copy, 'service/tools/index.ts'), list);
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
});
afterAll(async () => {
  await leaks.findings();
  rmSync(copy, { recursive: true });
});

test('npm run dev serves the current content of a file, survives mistakes in between, and keeps its token', async () => {
  const dev = startProcess(
    process.execPath,
    ['--import', 'tsx', join(copy, 'cli/dev.ts')],
    { PORT: '0' },
    { leaks },
  );
  const file = join(copy, 'service/tools/example.ts');
  const source = readFileSync(file, 'utf8');
  const started = () => [...dev.stderr().matchAll(/^MCP server {3}(\S+)\nToken {8}(\S+)$/gm)];
  async function title(): Promise<string | undefined> {
    const [, url = '', token] = started().at(-1) ?? [];
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    const { result } = (await response.json()) as { result: { tools: { title: string }[] } };
    return result.tools[0]?.title;
  }

  await dev.says(/^MCP server/m, 30_000);
  expect(await title()).toBe('Count words');
  writeFileSync(file, `${source}\n}`);
  await dev.says(/Failed running|ERROR/, 30_000);
  // Editors replace the file; the second replacement must be noticed too.
  for (const name of ['Replaced', 'Replaced again']) {
    const starts = started().length + 1;
    writeFileSync(`${file}.new`, source.replace('Count words', name));
    renameSync(`${file}.new`, file);
    await dev.says(new RegExp(`(?:^MCP server .*\\nToken .*\\n[^]*?){${starts}}`, 'm'), 30_000);
    expect(await title()).toBe(name);
  }
  expect(started()[1]?.[2]).toBe(started()[0]?.[2]);

  // A signal ends it.
  for (const finding of await leaks.findings())
    expect(finding).toMatch(/^standard error of .* in line \d+, +("Authorization"|Token {8})/);
  await expect(title()).rejects.toThrow('fetch failed');
}, 120_000);
