import { describe, expect, test } from '@jest/globals';
import { stack } from './stack.ts';
import { app } from './stage-app.ts';
import { stages } from './stages.ts';

/** A configuration at run time, with unchecked types. */
function withOptions(options: object, stage = stages.dev) {
  return () => stack({ ...stage, ...options });
}

describe('an option that does not exist', () => {
  test.each([
    [
      { edge: { allowedCidr: ['192.0.2.0/24'] } },
      'edge.allowedCidr is not an option (did you mean allowedCidrs?); valid options: scheme, deletionProtection, allowedCidrs',
    ],
    [
      { webAlc: {} },
      'webAlc is not an option (did you mean webAcl?); valid options: name, account, region, terminationProtection,',
    ],
    [{ domain: { ...stages.dev.domain, certifcateArn: '' } }, 'domain.certifcateArn is not an option'],
    [
      { domain: { ...stages.dev.domain, hostedZone: { ID: 'Z0', name: 'example.com' } } },
      'domain.hostedZone.ID is not an option (did you mean id?); valid options: id, name',
    ],
    [{ network: { vpc: { id: 'vpc-1' } } }, 'network.vpc.id is not an option'],
    [{ network: { mode: 'nat' } }, 'network.mode is not an option; valid options: egress, natGateways,'],
    [{ auditLog: { constructor: 1 } }, 'auditLog.constructor is not an option'],
    [
      {
        task: {
          policyStatements: [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::b/k'], conditions: {} }],
        },
      },
      'task.policyStatements[0].conditions is not an option',
    ],
  ])('fails: %j', (options, message) => {
    expect(withOptions(options)).toThrow(message);
  });
});

describe('a value of another kind', () => {
  test.each([
    [{ task: { allowedDomains: '*' } }, 'task.allowedDomains must be a list, got "*"'],
    [{ scaling: { minTasks: '2' } }, 'scaling.minTasks must be a number, got "2"'],
    [{ edge: { deletionProtection: 'false' } }, 'edge.deletionProtection must be a boolean, got "false"'],
    [{ terminationProtection: null }, 'terminationProtection must be a boolean, got null'],
    [{ edge: [] }, 'edge must be an object, got []'],
  ])('fails: %j', (options, message) => {
    expect(withOptions(options)).toThrow(message);
  });
});

test.each([
  [{ region: undefined }, 'region must be given'],
  [{ domain: undefined }, 'domain must be given'],
  [{ domain: {} }, 'domain.domainName must be given'],
])('what every stage needs is asked for: %j', (options, message) => {
  expect(withOptions(options)).toThrow(message);
});

describe('region', () => {
  test.each([
    ['Frankfurt', 'region must be an AWS region, got "Frankfurt"'],
    ['eu-centrl-1', 'region must be an AWS region (did you mean eu-central-1?), got "eu-centrl-1"'],
    ['us-east-9', 'region must be an AWS region (did you mean us-east-1?), got "us-east-9"'],
  ])('fails on %s and offers one that is near', (region, message) => {
    expect(withOptions({ region })).toThrow(message);
  });
});

describe('a stage with terminationProtection', () => {
  test.each([
    [
      { scaling: { minTasks: 1 } },
      'scaling.minTasks must be at least 2 in a stage with terminationProtection, got 1',
    ],
    [{ edge: { deletionProtection: false } }, 'edge.deletionProtection must be true in a stage with'],
    [{ archive: { lockDays: 1 } }, 'archive.lockDays must be at least 365 in a stage with'],
    [{ auditLog: { retentionDays: 180 } }, 'auditLog.retentionDays must be at least 365 in a stage with'],
  ])('fails on %j', (options, message) => {
    expect(withOptions(options, stages.prod)).toThrow(message);
  });

  test('without it the same is a choice', () => {
    const choice = { scaling: { minTasks: 1 }, auditLog: { retentionDays: 180 }, archive: { lockDays: 1 } };
    expect(withOptions({ ...choice, terminationProtection: false })).not.toThrow();
  });
});

test('the app names the stage and the path of the option', () => {
  const broken = { ...stages, prod: { ...stages.prod, webAcl: { rateLimitPer5Min: 9 } } };
  expect(() => app('all', broken)).toThrow(
    'stage prod: webAcl.rateLimitPer5Min must be a whole number from 10 to 2000000000, got 9',
  );
});
