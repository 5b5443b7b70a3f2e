export type Resources = Readonly<
  // biome-ignore lint/suspicious/noExplicitAny: a template has no types
  Record<string, { readonly Type: string; readonly Properties: any }>
>;

/** A part of the stack, with facts from its template. */
export interface Group {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Facts about a stack, read from its synthesized template. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a table: one line for each fact
export function stackFacts(template: Resources) {
  const of = (type: string) =>
    Object.values(template)
      .filter(({ Type }) => Type === `AWS::${type}`)
      .map(({ Properties }) => Properties);
  const count = (type: string) => of(type).length;
  const [task] = of('ECS::TaskDefinition');
  const [container] = task.ContainerDefinitions;
  const [service] = of('ECS::Service');
  const [scaled] = of('ApplicationAutoScaling::ScalableTarget');
  const [listener] = of('ElasticLoadBalancingV2::Listener');
  const [balancer] = of('ElasticLoadBalancingV2::LoadBalancer');
  const [acl] = of('WAFv2::WebACL');
  const [vpc] = of('EC2::VPC');
  const dnsRules = of('Route53Resolver::FirewallRuleGroup').flatMap(({ FirewallRules }) => FirewallRules);
  const auditLog = of('Logs::LogGroup').find(({ DeletionProtectionEnabled }) => DeletionProtectionEnabled);
  const check = of('Events::Rule').find(({ Description }) => Description.includes('audit log'));
  const alarms = of('CloudWatch::Alarm').map(({ AlarmDescription }) => AlarmDescription as string);
  const byLog = of('CloudWatch::Alarm').filter(({ Namespace }) => Namespace.startsWith('HardenedMcp/'));
  const severity = (name: string) => alarms.filter((text) => text.startsWith(`[${name}]`)).length;
  const logs = balancer.LoadBalancerAttributes.filter(
    ({ Key, Value }: { Key: string; Value: unknown }) =>
      /^\w+_logs\.s3\.enabled$/.test(Key) && Value === 'true',
  );

  const groups = {
    edge: {
      title: 'Edge',
      lines: [
        `${listener.Protocol} ${listener.Port}, ACM certificate`,
        String(listener.SslPolicy).replace('ELBSecurityPolicy-', ''),
        `Web ACL: ${acl.Rules.length} rules, logged`,
        `Load balancer in ${balancer.Subnets.length} zones`,
        `${logs.length} kinds of logs in S3`,
        `Any other path: ${listener.DefaultActions[0].FixedResponseConfig.StatusCode}`,
      ],
    },
    service: {
      title: 'Service on Fargate',
      lines: [
        `${scaled.MinCapacity}–${scaled.MaxCapacity} tasks, ${count('ApplicationAutoScaling::ScalingPolicy')} scaling policies`,
        `${task.Cpu} CPU units, ${task.Memory} MiB, ${task.RuntimePlatform.CpuArchitecture}`,
        `User ${container.User.split(':')[0]}, read-only, ${container.MountPoints?.length ?? 0} mounts`,
        `Capabilities dropped: ${container.LinuxParameters.Capabilities.Drop.join(', ')}`,
        `HTTPS ${container.PortMappings[0].ContainerPort}, no public address`,
        `Circuit breaker, ${service.DeploymentConfiguration.Alarms.AlarmNames.length} rollback alarms`,
      ],
    },
    network: {
      title: 'Network',
      lines: [
        `VPC ${vpc.CidrBlock}, ${count('EC2::Subnet')} subnets`,
        `${count('EC2::NatGateway')} NAT gateways`,
        `DNS firewall: ${dnsRules.length} rules; other`,
        `names get ${dnsRules.at(-1)?.BlockResponse}`,
        `${count('EC2::SecurityGroup')} security groups, egress listed`,
        `Flow logs of ${of('EC2::FlowLog')[0].TrafficType} traffic`,
      ],
    },
    secrets: {
      title: 'Secrets',
      lines: [
        `${count('SecretsManager::Secret')} secrets, none in the environment`,
        `Client tokens rotate every ${of('SecretsManager::RotationSchedule')[0].RotationRules.AutomaticallyAfterDays} days`,
        `${count('SecretsManager::ResourcePolicy')} policies deny other readers`,
        `${of('KMS::Key').filter(({ EnableKeyRotation }) => EnableKeyRotation).length} KMS keys, rotated yearly`,
        `${count('IAM::Role')} roles, ${count('IAM::User')} users, ${count('IAM::AccessKey')} access keys`,
      ],
    },
    audit: {
      title: 'Audit',
      lines: [
        'One chained record per request',
        `Kept ${auditLog.RetentionInDays} days, deletion-protected`,
        `Chain checked ${check.ScheduleExpression.replace(/^rate\(1 (\w+)\)$/, 'every $1')}`,
        `${count('Logs::LogGroup')} log groups, encrypted`,
        `${count('Logs::QueryDefinition')} saved queries, ${count('Logs::MetricFilter')} metric filters`,
      ],
    },
    alarms: {
      title: 'Alarms',
      lines: [
        `${alarms.length} alarms with runbook entries:`,
        `${severity('high')} page, ${severity('medium') + severity('low')} open a ticket`,
        `${byLog.length} from log metrics`,
        `${count('SNS::Topic')} topics, encrypted`,
        `${count('CloudWatch::Dashboard')} dashboard`,
      ],
    },
  } satisfies Record<string, Group>;
  return { groups, resources: Object.keys(template).length - count('CDK::Metadata') };
}
