import type { CfnSecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';

/**
 * Puts a rule that matches nothing into a security group whose real egress rules are resources of their own. Until
 * those exist, a group without any rule in itself would have EC2's default one, which lets everything out.
 */
export function denyAllEgress(securityGroup: SecurityGroup): void {
  const resource = securityGroup.node.defaultChild as CfnSecurityGroup;
  resource.addPropertyOverride('SecurityGroupEgress', [
    { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 },
  ]);
}
