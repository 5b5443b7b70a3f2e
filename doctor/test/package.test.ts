import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProcess } from '../../test/service/support/start-process.ts';
import { succeed } from './support/tamper.ts';

const packageFolder = fileURLToPath(new URL('..', import.meta.url));
/** A third is the text of the checks: faults, fixes and settings of frameworks. */
const MAX_BUNDLE_BYTES = 180_000;
/** Size of the tarball, which npx downloads. */
const MAX_COMPRESSED_BYTES = 66_000;

describe('the npm package, installed from its tarball in an empty folder without a registry', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-doctor-package-'));
  let packed: { filename: string; files: { path: string }[] };

  beforeAll(() => {
    const pack = ['pack', '--json', '--silent', '--pack-destination', folder];
    [packed] = JSON.parse(execFileSync('npm', pack, { cwd: packageFolder, encoding: 'utf8' }));
    execFileSync('npm', ['install', '--offline', '--silent', `./${packed.filename}`], { cwd: folder });
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('contains one bundled file and no dependencies', () => {
    expect(packed.files.map(({ path }) => path).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist/doctor.mjs',
      'package.json',
      'report.schema.json',
    ]);
    const bundle = join(folder, 'node_modules/hardened-mcp-doctor/dist/doctor.mjs');
    const bytes = readFileSync(bundle);
    expect(bytes.length).toBeLessThan(MAX_BUNDLE_BYTES);
    expect(gzipSync(bytes).length).toBeLessThan(MAX_COMPRESSED_BYTES);
    expect(bytes.toString()).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  test('prints its help with npx', () => {
    const help = ['--offline', 'hardened-mcp-doctor', '--help'];
    const { status, stdout } = spawnSync('npx', help, { cwd: folder, encoding: 'utf8' });
    expect(stdout).toMatch(/^usage: npx hardened-mcp-doctor URL /);
    expect(status).toBe(0);
  });

  test('checks a server', async () => {
    const server = createServer((_request, response) =>
      succeed(response, { protocolVersion: '2025-11-25', tools: [] }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    const bin = join(folder, 'node_modules/.bin/hardened-mcp-doctor');
    const run = startProcess(bin, [url, '--json', '--patience', '1']);
    const code = await run.exited(25_000);
    server.closeAllConnections();
    server.close();
    const { findings } = JSON.parse(run.stdout()) as { findings: { id: string; outcome: string }[] };
    expect(findings).toContainEqual(
      expect.objectContaining({ id: 'authentication/missing-token', outcome: 'fail' }),
    );
    expect(code).toBe(3);
  });
});
