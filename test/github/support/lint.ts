import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { validate } from '@actions/languageservice';
import { build } from 'esbuild';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** Problems that GitHub's own language service finds in a workflow, with the line of each. */
export type Lint = (name: string, content: string) => Promise<string[]>;

/** Loads the service. It imports JSON as only bundlers do, so it is bundled first. */
export async function createLint(): Promise<Lint> {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-lint-'));
  const outfile = join(folder, 'lint.cjs');
  const contents = `export { validate } from '@actions/languageservice';
    export { TextDocument } from 'vscode-languageserver-textdocument';`;
  await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    outfile,
  });
  const service = await import(outfile);
  rmSync(folder, { recursive: true });
  const { validate: check, TextDocument: Document } = (service.default ?? service) as {
    validate: typeof validate;
    TextDocument: typeof TextDocument;
  };
  let calls = 0;
  return async (name, content) => {
    // The service caches parsed files by address.
    calls += 1;
    const document = Document.create(`file:///${calls}/.github/workflows/${name}`, 'yaml', 0, content);
    const found = await check(document);
    return found.map(({ range, message }) => `${name}:${range.start.line + 1}: ${message}`);
  };
}
