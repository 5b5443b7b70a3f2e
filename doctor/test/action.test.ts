import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parse } from 'yaml';

const action = parse(readFileSync(new URL('../action.yml', import.meta.url), 'utf8'));
const [{ run, env }] = action.runs.steps;

test('the GitHub Action gives its inputs to the script as variables only', () => {
  expect(run).not.toContain('${{');
  const used = Object.values(env as Record<string, string>).map(
    (text) => /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(text)?.[1],
  );
  expect(used.sort()).toEqual(Object.keys(action.inputs).sort());
});

test('the GitHub Action starts the doctor with one word per option', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-doctor-action-'));
  writeFileSync(join(folder, 'npx'), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  chmodSync(join(folder, 'npx'), 0o755);
  const { stdout } = spawnSync('bash', ['-euo', 'pipefail', '-c', run], {
    encoding: 'utf8',
    env: {
      ...{
        PATH: `${folder}:/usr/bin:/bin`,
        DOCTOR_URL: 'https://mcp.example.com/mcp',
        DOCTOR_VERSION: '1.2.3',
      },
      ...{ DOCTOR_FAIL_ON: 'high', DOCTOR_OUTPUT: 'a b', DOCTOR_IGNORE: '', DOCTOR_BASELINE: 'old.json' },
      DOCTOR_OPTIONS: '--no-tools\n--skip=bodies\n',
    },
  });
  rmSync(folder, { recursive: true });
  expect(stdout.trim().split('\n')).toEqual([
    ...['--yes', 'hardened-mcp-doctor@1.2.3', '--fail-on', 'high', '--output', 'a b'],
    ...['--baseline', 'old.json', '--no-tools', '--skip=bodies', '--', 'https://mcp.example.com/mcp'],
  ]);
});
