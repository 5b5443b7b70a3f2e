import { describe, expect, test } from '@jest/globals';
import { renames } from '../../../scripts/updates/renames.ts';

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
