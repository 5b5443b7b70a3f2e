import type { Template } from '../synthesize.ts';
import { describeEndpointServices, describePrefixLists, describeSubnets, describeZones } from './calls.ts';
import { type Check, type Finding, judgeEach, ok, willFail } from './check.ts';
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

function interfaces(template: Template): string[] {
  const all = resourcesOf(template, 'AWS::EC2::VPCEndpoint');
  return all.flatMap(([, { Properties }]) =>
    Properties.VpcEndpointType === 'Interface' ? Properties.ServiceName : [],
  );
}

/** Whether the prefix lists of the tasks' egress are those of the region's S3 and DynamoDB. */
export const prefixLists: Check = {
  name: 'prefix list',
  calls: [describePrefixLists],
  applies: ({ template }) => listIds(template).length > 0,
  run(ask, { config: { network, region }, template }) {
    return judgeEach(
      listIds(template),
      (id) => id,
      async (id) => {
        const [found] = await ask(describePrefixLists, id);
        const service = id === network.s3PrefixListId ? 's3' : 'dynamodb';
        const expected = `com.amazonaws.${region}.${service}`;
        const name = found?.PrefixListName ?? '';
        // In China the names begin with `cn.`.
        if (name === expected || name === `cn.${expected}`) return ok(`it is ${name}`);
        return willFail(
          found ? `it is ${name}, not ${expected}` : 'it does not exist',
          `set the id of aws ec2 describe-managed-prefix-lists --filters Name=prefix-list-name,Values=${expected}`,
        );
      },
    );
  },
};

function listIds(template: Template): string[] {
  const groups = resourcesOf(template, 'AWS::EC2::SecurityGroup');
  const inline = groups.flatMap(([, { Properties }]) => Properties.SecurityGroupEgress ?? []);
  const separate = resourcesOf(template, 'AWS::EC2::SecurityGroupEgress').map(
    ([, { Properties }]) => Properties,
  );
  return [...new Set([...inline, ...separate].flatMap((rule) => rule.DestinationPrefixListId ?? []))];
}
