import type { StageConfig } from '../../infra/stage-config.ts';
import { templateOf } from '../synthesize.ts';
import { completeEstimate, type Estimate } from './estimate.ts';

const hostedZone = { id: 'Z0123456789EXAMPLE', name: 'example.com' };
const clients = [{ clientId: 'ci', scopes: ['scrape'], principalArn: 'arn:aws:iam::123456789012:role/ci' }];

/** The stages of docs/cost.md: infra/config.ts before a fork changes it. */
const dev: StageConfig = {
  region: 'us-east-1',
  terminationProtection: false,
  domain: { domainName: 'mcp-dev.example.com', hostedZone },
  network: { natGateways: 1 },
  secrets: { retain: false, clients },
  task: { cpu: 256, memoryMiB: 512, allowedDomains: ['example.com', '*.example.com'] },
  edge: { deletionProtection: false },
  scaling: { minTasks: 1, maxTasks: 2 },
};

const prod: StageConfig = {
  region: 'us-east-1',
  domain: { domainName: 'mcp.example.com', hostedZone },
  secrets: { clients },
  functions: { reserveConcurrency: true },
  task: { cpu: 512, memoryMiB: 1024, allowedDomains: ['example.com', '*.example.com'] },
  scaling: { minTasks: 2, maxTasks: 6 },
  monitoring: { email: 'oncall@example.com' },
};

/** An existing VPC, whose cost is on its owner's bill. */
const vpc = {
  vpcId: 'vpc-0123456789abcdef0',
  availabilityZones: ['us-east-1a', 'us-east-1b'],
  publicSubnetIds: ['subnet-0000000000000000a', 'subnet-0000000000000000b'],
  privateSubnetIds: ['subnet-1111111111111111a', 'subnet-1111111111111111b'],
};

const NAT = 'AWS::EC2::NatGateway';
type Resources = Readonly<Record<string, { readonly Type: string }>>;

/** Replaces the template's zonal NAT gateways with one regional one. The stack has no option for it. */
function withRegionalNat(template: { readonly Resources: unknown }) {
  const kept = Object.entries(template.Resources as Resources).filter(
    ([, { Type }]) => Type !== NAT && Type !== 'AWS::EC2::EIP',
  );
  const regional = { Type: NAT, Properties: { AvailabilityMode: 'regional' } };
  return { ...template, Resources: { ...Object.fromEntries(kept), RegionalNat: regional } };
}

export interface Examples {
  /** `dev` and `prod`. */
  readonly stages: readonly [dev: Estimate, prod: Estimate];
  /** `dev` in a VPC that exists. */
  readonly devInVpc: Estimate;
  /** `prod` with each kind of egress, by description. */
  readonly networks: ReadonlyMap<string, Estimate>;
}

export function examples(): Examples {
  const priced = (config: StageConfig, name = 'prod') =>
    completeEstimate(name, config.region, templateOf(name, config));
  const prodTemplate = templateOf('prod', prod);
  const production = completeEstimate('prod', prod.region, prodTemplate);
  return {
    stages: [priced(dev, 'dev'), production],
    devInVpc: priced({ ...dev, network: { vpc } }, 'dev'),
    networks: new Map([
      ['NAT gateway in each of two zones, the default', production],
      ['one NAT gateway: `natGateways: 1`', priced({ ...prod, network: { natGateways: 1 } })],
      [
        'a regional NAT gateway, which has no option',
        completeEstimate('prod', prod.region, withRegionalNat(prodTemplate)),
      ],
      [
        'endpoints, no internet: `egress: "endpoints"`',
        priced({ ...prod, network: { egress: 'endpoints', s3PrefixListId: 'pl-0123abcd' } }),
      ],
      ['your VPC, whose egress is billed separately: `vpc`', priced({ ...prod, network: { vpc } })],
      [
        'an internal load balancer: `edge.scheme: "internal"`',
        priced({ ...prod, edge: { scheme: 'internal', allowedCidrs: ['10.0.0.0/8'] } }),
      ],
    ]),
  };
}
