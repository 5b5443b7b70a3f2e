import { describe, expect, test } from '@jest/globals';
import { combinations, vpc } from './combinations.ts';
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

describe('a stage with an internal load balancer', () => {
  const ranges = ['10.0.0.0/8'];
  const internal = { scheme: 'internal', allowedCidrs: ranges };
  const inVpc = { domain: combinations.vpc.domain, secrets: {}, task: {} };
  test.each([
    [
      { edge: { scheme: 'internal' } },
      'edge.allowedCidrs must name the ranges of the connected networks with scheme internal, each at least a /8, such as 10.0.0.0/8, got ["0.0.0.0/0"]',
    ],
    [{ edge: { ...internal, allowedCidrs: [...ranges, '0.0.0.0/0'] } }, 'got ["0.0.0.0/0"]'],
    [
      { edge: { ...internal, allowedCidrs: ['0.0.0.0/1', '128.0.0.0/1'] } },
      'got ["0.0.0.0/1","128.0.0.0/1"]',
    ],
    [{ edge: { ...internal, allowedCidrs: ['::/0'] } }, 'edge.allowedCidrs must be an IPv4 range'],
    [{ edge: { ...internal, allowedCidrs: [] } }, 'edge.allowedCidrs must be a list of 1 to 60, got 0'],
    [
      { edge: { ...internal, verifyTokens: { audienceFormat: 'single-string' } } },
      'edge.verifyTokens must be left out with scheme internal: the load balancer has no route to the keys',
    ],
    [
      { edge: internal, webAcl: { allowedCountries: ['DE'] } },
      'webAcl.allowedCountries must be left out with edge.scheme internal: a private address is of no country',
    ],
    [
      { edge: internal, network: { vpc }, ...inVpc },
      'network.vpc.publicSubnetIds must be left out with edge.scheme internal',
    ],
    [
      { domain: { ...stages.dev.domain, privateZone: { id: 'Z1', name: 'example.org' } }, edge: internal },
      'domain.privateZone.name must be mcp-dev.example.com or a parent of it, got "example.org"',
    ],
  ])('fails on %j', (options, message) => {
    expect(withOptions(options)).toThrow(message);
  });

  test.each([
    [
      { domain: { ...stages.dev.domain, privateZone: { id: 'Z1', name: 'example.com' } } },
      'domain.privateZone must be left out unless edge.scheme is internal',
    ],
    [
      { network: { vpc: { ...vpc, publicSubnetIds: undefined } }, ...inVpc },
      'network.vpc.publicSubnetIds must name one subnet for each of at least two zones, got 0 for 2',
    ],
  ])('has options that one on the internet refuses: %j', (options, message) => {
    expect(withOptions(options)).toThrow(message);
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
