import type { CfnSecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';

/**
 * Adds an egress rule that matches nothing to a security group whose real egress rules are separate resources. Until
 * those exist, a group without inline rules would have EC2's default rule, which allows all egress.
 */
export function denyAllEgress(securityGroup: SecurityGroup): void {
  const resource = securityGroup.node.defaultChild as CfnSecurityGroup;
  resource.addPropertyOverride('SecurityGroupEgress', [
    { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 },
  ]);
}
