import { describeEndpointServices, describePrefixLists, describeSubnets, describeZones } from './calls.ts';
import { type Check, type Finding, ok, willFail } from './check.ts';
import { resourcesOf } from './template.ts';
import { zonesOf } from './zones.ts';

/** Whether the interface endpoints exist in the zones, with the private DNS names that they are asked by. */
export const endpoints: Check = {
  name: 'VPC endpoint',
  calls: [describeEndpointServices, describeZones, describeSubnets],
  applies: ({ template }) => interfaces(template).length > 0,
  async run(ask, subject) {
    const names = interfaces(subject.template);
    const found = await ask(describeEndpointServices, names);
    const zones = await zonesOf(ask, subject);
    const problems = names.flatMap((name): Finding[] => {
      const services = found.filter((service) => service.ServiceName === name);
      const service = services.find(({ ServiceType }) =>
        ServiceType?.some(({ ServiceType: type }) => type === 'Interface'),
      );
      const remove = 'remove it from network.endpoints';
      if (service === undefined) {
        return [willFail(`${subject.config.region} has no interface endpoint of this name`, remove, name)];
      }
      if (!service.PrivateDnsName && !service.PrivateDnsNames?.length) {
        return [willFail('it has no private DNS name', remove, name)];
      }
      const without = zones.find((zone) => service.AvailabilityZones?.includes(zone.name) === false);
      if (!without) return [];
      return [
        willFail(`it is not in ${without.name}`, `name other zones in network.zones, or ${remove}`, name),
      ];
    });
    return problems.length > 0 ? problems : ok(`${names.length} interface endpoints are in both zones`);
  },
};

function interfaces(template: Parameters<typeof resourcesOf>[0]): string[] {
  const all = resourcesOf(template, 'AWS::EC2::VPCEndpoint');
  return all.flatMap(([, { Properties }]) =>
    Properties.VpcEndpointType === 'Interface' ? Properties.ServiceName : [],
  );
}

/** Whether the prefix list is the one of S3 in the region; with another, no image can be pulled. */
export const prefixList: Check = {
  name: 'network.s3PrefixListId',
  calls: [describePrefixLists],
  applies: ({ config }) => config.network.s3PrefixListId !== undefined,
  async run(ask, { config: { network, region } }) {
    const id = network.s3PrefixListId ?? '';
    const [found] = await ask(describePrefixLists, id);
    const expected = `com.amazonaws.${region}.s3`;
    const name = found?.PrefixListName ?? '';
    // In China the names begin with `cn.`.
    if (name === expected || name === `cn.${expected}`) return ok(`${id} is ${name}`);
    return willFail(
      found ? `${id} is ${name}, not ${expected}` : `${id} does not exist`,
      `aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=${expected}`,
    );
  },
};
