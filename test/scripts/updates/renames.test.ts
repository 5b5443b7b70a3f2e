import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { renames } from '../../../scripts/updates/renames.ts';
import { computed } from './computed.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const released = JSON.parse(read('scripts/updates/released.json'));
const { pinned } = computed();

describe('scripts/updates/released.json', () => {
  // To rename or remove one on purpose, see docs/upgrading.md.
  test('lists no resource that has lost its logical id since', () => {
    expect(renames(released, pinned)).toEqual([]);
  });

  test('is of the version of package.json once CHANGELOG.md dates it; npm run options -- --release writes it', () => {
    const { version } = JSON.parse(read('package.json'));
    const dated = new RegExp(`^## \\[${version.replaceAll('.', '\\.')}\\] - \\d`, 'm').test(
      read('CHANGELOG.md'),
    );
    if (dated) expect(released.version).toBe(version);
    else expect(released.version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('lists the secrets, the keys, the logs and the buckets of every combination', () => {
    const types = new Set(Object.values(released.holdData));
    for (const type of ['SecretsManager::Secret', 'KMS::Key', 'Logs::LogGroup', 'S3::Bucket'])
      expect(types).toContain(`AWS::${type}`);
    expect(Object.values(released.unique)).toContain('AWS::CloudWatch::Dashboard Mcp-test');
  });
});

describe('a rename is found', () => {
  const bucket = { holdData: { Logs: 'AWS::S3::Bucket' }, unique: {} };
  const alarm = { holdData: {}, unique: { Errors: 'AWS::CloudWatch::Alarm Mcp-test-Errors' } };

  test('of a resource that holds data', () => {
    expect(renames(bucket, { holdData: { OtherLogs: 'AWS::S3::Bucket' }, unique: {} })).toEqual([
      'Logs is no longer there as AWS::S3::Bucket, and a running stage would lose it',
    ]);
    expect(renames(bucket, { holdData: { Logs: 'AWS::KMS::Key' }, unique: {} })).toHaveLength(1);
  });

  test('of a resource whose name stays', () => {
    const unique = { Failures: 'AWS::CloudWatch::Alarm Mcp-test-Errors' };
    expect(renames(alarm, { holdData: {}, unique })).toEqual([
      'Errors is Failures now, and AWS refuses a second AWS::CloudWatch::Alarm Mcp-test-Errors',
    ]);
  });

  test('but an alarm may go, or have another name', () => {
    expect(renames(alarm, { holdData: {}, unique: {} })).toEqual([]);
    const unique = { Failures: 'AWS::CloudWatch::Alarm Mcp-test-Failures' };
    expect(renames(alarm, { holdData: {}, unique })).toEqual([]);
  });
});
