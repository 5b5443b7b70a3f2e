import { describeSecurityGroups, describeSubnets } from './calls.ts';
import { type Ask, type Check, type Finding, ok, willFail } from './check.ts';

/** Free addresses that a load balancer needs in each subnet (ELB User Guide, "Subnets for your load balancer"). */
const LOAD_BALANCER_ADDRESSES = 8;

/** Whether what `network.vpc` names exists and belongs together. */
export const existingVpc: Check = {
  name: 'network.vpc',
  calls: [describeSubnets, describeSecurityGroups],
  applies: ({ config }) => config.network.vpc !== undefined,
  async run(ask, { config: { network, edge } }) {
    if (network.vpc === undefined) return [];
    const { vpcId, availabilityZones, publicSubnetIds, privateSubnetIds, endpointSecurityGroupId } =
      network.vpc;
    const ofLoadBalancer = edge.scheme === 'internal' ? privateSubnetIds : publicSubnetIds;
    const Values = [...publicSubnetIds, ...privateSubnetIds];
    const found = await ask(describeSubnets, [{ Name: 'subnet-id', Values }]);
    const problems = Values.flatMap((id, index): Finding[] => {
      const subnet = found.find(({ SubnetId }) => SubnetId === id);
      const zone = availabilityZones[index % availabilityZones.length];
      if (subnet === undefined) return [willFail('it does not exist', 'correct network.vpc', id)];
      if (subnet.VpcId !== vpcId)
        return [willFail(`it is of ${subnet.VpcId}, not of ${vpcId}`, 'correct network.vpc', id)];
      if (subnet.AvailabilityZone !== zone) {
        return [willFail(`it is in ${subnet.AvailabilityZone}, not in ${zone}`, 'correct network.vpc', id)];
      }
      const free = subnet.AvailableIpAddressCount ?? LOAD_BALANCER_ADDRESSES;
      if (!ofLoadBalancer.includes(id) || free >= LOAD_BALANCER_ADDRESSES) return [];
      const detail = `it has ${free} free addresses, and a load balancer needs ${LOAD_BALANCER_ADDRESSES}`;
      return [willFail(detail, 'use a larger subnet', id)];
    });
    const group = await groupProblems(ask, endpointSecurityGroupId, vpcId);
    const all = [...problems, ...group];
    return all.length > 0 ? all : ok(`${vpcId} with ${Values.length} subnets`);
  },
};

async function groupProblems(ask: Ask, id: string | undefined, vpcId: string): Promise<Finding[]> {
  if (id === undefined) return [];
  const [group] = await ask(describeSecurityGroups, [{ Name: 'group-id', Values: [id] }]);
  if (group?.VpcId === vpcId) return [];
  const detail = group ? `it is of ${group.VpcId}, not of ${vpcId}` : 'it does not exist';
  return [willFail(detail, 'correct network.vpc.endpointSecurityGroupId', id)];
}
