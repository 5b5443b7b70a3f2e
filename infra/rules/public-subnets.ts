import type { SynthesizedTemplate } from './synthesized-template.ts';

/** Subnets of the template whose route table has a route to an internet gateway. */
export function publicSubnets(template: SynthesizedTemplate): ReadonlySet<string> {
  const open = template
    .all('AWS::EC2::Route')
    .filter(
      ({ properties }) =>
        /^igw-/.test(properties['GatewayId']) ||
        template.names(properties['GatewayId'], 'AWS::EC2::InternetGateway'),
    )
    .map(({ properties }) => template.target(properties['RouteTableId'])?.logicalId);
  const subnets = template
    .all('AWS::EC2::SubnetRouteTableAssociation')
    .filter(({ properties }) => open.includes(template.target(properties['RouteTableId'])?.logicalId))
    .map(({ properties }) => template.target(properties['SubnetId'])?.logicalId ?? '');
  return new Set(subnets);
}
