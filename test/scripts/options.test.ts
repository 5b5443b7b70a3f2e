import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { optionDocs, stageSchema } from '../../scripts/docs/option-docs.ts';
import { optionTable } from '../../scripts/docs/option-table.ts';
import { updateColumn } from '../../scripts/updates/column.ts';
import type { Effects } from '../../scripts/updates/effects.ts';
import type { Pinned } from '../../scripts/updates/pinned.ts';
import { renames } from '../../scripts/updates/renames.ts';
import { makeOnce } from '../support/make-once.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Every file that decides a template. Of the service and the functions, the stack imports only these contracts and the lock (biome.json); the
 * hashes of their sources are the same before and after a change.
 */
const INPUTS = [
  ...['infra', 'service/environment', 'service/environment.ts', 'service/tools', 'scripts/updates'],
  ...['functions/rotation/environment.ts', 'functions/audit-check/environment.ts'],
  ...['service/upstream/lock.ts', 'test/infra/fork-files'],
  ...['cdk.json', 'tsconfig.json', '.npmrc', 'package.json', 'package-lock.json'],
  ...['stages', 'combinations', 'stack', 'tools'].map((name) => `test/infra/${name}.ts`),
];

/**
 * Made again only if an input changes, because it takes 15 to 20 seconds of CPU. Another suite that reads it would wait for
 * it, so all tests that need it are here.
 */
const folder = makeOnce('updates', INPUTS, (to) => {
  execFileSync(process.execPath, ['--import', 'tsx', join(ROOT, 'scripts/updates/process.ts'), to], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
});

const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const effects: Effects = JSON.parse(read(join(folder, 'effects.json')));
const pinned: Pinned = JSON.parse(read(join(folder, 'pinned.json')));

describe('docs/configuration.md', () => {
  test('is generated from the schemas and from changes of a running stage: run npm run options', () => {
    const options = optionDocs();
    expect(optionTable(options, updateColumn(options, effects))).toBe(read('docs/configuration.md'));
    expect(`${JSON.stringify(stageSchema(), null, 2)}\n`).toBe(read('docs/configuration.schema.json'));
  });
});

describe('scripts/updates/released.json', () => {
  const released = JSON.parse(read('scripts/updates/released.json'));

  // To rename or remove one on purpose, see docs/upgrading.md.
  test('lists no resource that has another logical id now, or none', () => {
    expect(renames(released, pinned)).toEqual([]);
  });

  test('is of the version of package.json once CHANGELOG.md has its date: run npm run options -- --release', () => {
    const { version } = JSON.parse(read('package.json'));
    const dated = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d`, 'm').test(
      read('CHANGELOG.md'),
    );
    if (dated) expect(released.version).toBe(version);
    else expect(released.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('lists secrets, keys, logs and buckets, and names that are fixed', () => {
    const types = new Set(Object.values(released.holdData));
    for (const type of ['SecretsManager::Secret', 'KMS::Key', 'Logs::LogGroup', 'S3::Bucket'])
      expect(types).toContain(`AWS::${type}`);
    expect(Object.values(released.unique)).toContain('AWS::CloudWatch::Dashboard Mcp-test');
  });
});
