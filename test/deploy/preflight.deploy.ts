import { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Aws } from '../../cli/preflight/aws.ts';
import { getHostedZone } from '../../cli/preflight/calls.ts';
import type { Verdict } from '../../cli/preflight/check.ts';
import { type Reported, runChecks } from '../../cli/preflight/run.ts';
import { templateOf } from '../../cli/synthesize.ts';
import { parseStageConfig } from '../../infra/stage-config.ts';
import { startDns } from '../cli/preflight/stand-in.ts';
import { stages } from '../infra/stages.ts';
import { type Emulator, startEmulator } from './support/emulator.ts';
import { makeExisting } from './support/existing.ts';

const REGION = stages.prod.region;
const CREDENTIALS = { accessKeyId: 'testing', secretAccessKey: 'testing' };
/** Checks that the emulator cannot serve. It knows the APIs, and not the numbers of an account. */
const NOT_SERVED = [
  'quota of Elastic IP addresses',
  'quota of Lambda concurrency',
  'quota of Fargate vCPUs',
  'DNS query log',
];

let emulator: Emulator;
/** Id and name servers of the zone that is made in it. */
let zoneId: string;
let servers: readonly string[] = [];
beforeAll(async () => {
  emulator = await startEmulator(REGION);
}, 60_000);
afterAll(() => emulator?.stop());

/** The preflight of production in this zone, as if no value of it were an example. */
async function preflight(zone: string): Promise<readonly Reported[]> {
  const { Rules, ...rest } = templateOf('prod', stages.prod);
  const { NoPlaceholders: _, ...others } = Rules ?? {};
  const scope = { config: parseStageConfig(stages.prod), template: { ...rest, Rules: others } };
  // The emulator's ids of zones are not formed as AWS's, so the configuration would not take one.
  const inZone = JSON.parse(JSON.stringify(scope).replaceAll('Z0123456789EXAMPLE', zone)) as typeof scope;
  const dns = await startDns({ 'NS example.com': servers });
  const resolver = new Resolver();
  resolver.setServers([dns.address]);
  const aws = new Aws({ region: REGION, endpoint: emulator.url, credentials: CREDENTIALS });
  try {
    return await runChecks(aws, { ...inZone, stackName: 'Mcp-prod', resolver, containerEngine: 'true' });
  } finally {
    aws.destroy();
    dns.stop();
  }
}

const named = (findings: readonly Reported[], wanted: Verdict) =>
  findings.flatMap(({ check, about, verdict }) =>
    verdict === wanted ? [about ? `${check} ${about}` : check] : [],
  );

const form = (service: string, Action: string, Version: string, input: Record<string, string>) =>
  emulator.xml(service, '/', new URLSearchParams({ Action, Version, ...input }).toString());
const ec2 = (action: string, input: Record<string, string> = {}) => form('ec2', action, '2016-11-15', input);

describe('an empty account', () => {
  test('fails what a deployment needs, and every API is spoken as the emulator knows it', async () => {
    const findings = await preflight('Z0123456789EXAMPLE');
    expect(named(findings, 'will fail')).toEqual([
      'CDK bootstrap',
      'principal client ci',
      'hosted zone',
      'service-linked role AWSServiceRoleForECS',
      'service-linked role AWSServiceRoleForApplicationAutoScaling_ECSService',
    ]);
    expect(named(findings, 'ok')).toEqual(
      expect.arrayContaining([
        'account and region',
        'stack',
        'availability zones',
        'quota of VPCs',
        'GuardDuty',
      ]),
    );
    for (const { verdict, detail, fix } of findings) {
      if (verdict === 'will fail') expect(fix).toBeDefined();
      expect(detail).not.toMatch(/\p{Cc}/u);
    }
  }, 120_000);
});

describe('an account with what the stage needs', () => {
  beforeAll(async () => {
    const parameter = { Name: '/cdk-bootstrap/hnb659fds/version', Value: '25', Type: 'String' };
    await emulator.json('ssm', 'AmazonSSM.PutParameter', parameter);
    // The emulator names a service-linked role otherwise than AWS does, so these are made as others are.
    for (const RoleName of [
      'ci',
      'AWSServiceRoleForECS',
      'AWSServiceRoleForApplicationAutoScaling_ECSService',
      'AWSServiceRoleForElasticLoadBalancing',
    ])
      await form('iam', 'CreateRole', '2010-05-08', { RoleName, AssumeRolePolicyDocument: '{}' });
    ({ zoneId } = await makeExisting(emulator, { Resources: {} }, 'example.com'));
    const aws = new Aws({ region: REGION, endpoint: emulator.url, credentials: CREDENTIALS });
    servers = (await aws.ask(getHostedZone, zoneId))?.DelegationSet?.NameServers ?? [];
    aws.destroy();
  }, 60_000);

  test('passes, but for what the emulator does not serve', async () => {
    const findings = await preflight(zoneId);
    expect(named(findings, 'will fail')).toEqual([]);
    const untold = named(findings, 'could not tell');
    process.stdout.write(`Not told against the emulator: ${untold.join(', ')}\n`);
    expect(untold).toEqual(expect.arrayContaining(NOT_SERVED));
    expect(named(findings, 'ok')).toEqual(
      expect.arrayContaining([
        ...['CDK bootstrap', 'principal client ci', 'hosted zone', 'DNS record mcp.example.com.', 'secret'],
        ...[
          'availability zones',
          'quota of VPCs',
          'quota of NAT gateways in us-east-1a',
          'quota of internet gateways',
        ],
        'service-linked role AWSServiceRoleForECS',
      ]),
    );
  }, 120_000);

  test('fails once a record, a secret and the last VPC are in the way', async () => {
    await emulator.xml(
      'route53',
      `/2013-04-01/hostedzone/${zoneId}/rrset`,
      '<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet><Name>mcp.example.com.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>',
    );
    const Name = 'Mcp-prod/clients/ci/token';
    const secret = { Name, SecretString: 'x', ClientRequestToken: 'x'.repeat(32) };
    await emulator.json('secretsmanager', 'secretsmanager.CreateSecret', secret);
    await emulator.json('secretsmanager', 'secretsmanager.DeleteSecret', { SecretId: Name });
    for (let number = 0; number < 5; number++) await ec2('CreateVpc', { CidrBlock: `10.${number}.0.0/16` });
    expect(named(await preflight(zoneId), 'will fail')).toEqual([
      'DNS record mcp.example.com.',
      'quota of VPCs',
      `secret ${Name}`,
    ]);
  }, 120_000);
});
