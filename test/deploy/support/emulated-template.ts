/** A template, or a part of it. */
// biome-ignore lint/suspicious/noExplicitAny: a template has no types
export type Part = any;

const NOT_KNOWN = [
  'AWS::ApplicationAutoScaling::ScalableTarget',
  'AWS::ApplicationAutoScaling::ScalingPolicy',
  'AWS::CloudFormation::WaitConditionHandle',
  'AWS::CloudWatch::Alarm',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Route53Resolver::FirewallDomainList',
  'AWS::Route53Resolver::FirewallRuleGroup',
  'AWS::Route53Resolver::FirewallRuleGroupAssociation',
  'AWS::Route53Resolver::ResolverQueryLoggingConfig',
  'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SecretsManager::RotationSchedule',
  'AWS::WAFv2::LoggingConfiguration',
  'AWS::WAFv2::WebACL',
  'AWS::WAFv2::WebACLAssociation',
];

/** Types that moto 5.2.1 does not create, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  ...Object.fromEntries(NOT_KNOWN.map((type) => [type, 'not known to it'])),
  'AWS::CDK::Metadata': 'no resource: what the CDK reports of itself',
  'AWS::CertificateManager::Certificate': 'not known to it; imported beforehand',
  'AWS::CloudWatch::Dashboard': 'names an attribute of the target group that it does not know',
  'AWS::SecretsManager::Secret': 'not known to it; made beforehand',
};

/**
 * The template without resources that the emulator does not support.
 *
 * @param existing ARNs that replace the Ref of a resource that was created beforehand, by logical id
 * @throws Error when a remaining resource needs a removed one: then the table above, or `existing`, lacks a row
 */
export function emulatedTemplate(template: Part, existing: Readonly<Record<string, string>>): Part {
  const left = new Set(
    Object.entries<Part>(template.Resources)
      .filter(([, { Type }]) => Type in LEFT_OUT)
      .map(([id]) => id),
  );

  function without(part: Part, where: string): Part {
    if (Array.isArray(part)) return part.map((item) => without(item, where));
    if (typeof part !== 'object' || part === null) return part;
    const arn = typeof part.Ref === 'string' ? existing[part.Ref] : undefined;
    if (arn !== undefined) return arn;
    const needed = part.Ref ?? part['Fn::GetAtt']?.[0];
    if (typeof needed === 'string' && left.has(needed))
      throw new Error(`${where} needs ${needed}, which the emulator does not create`);
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, without(value, where)]));
  }

  const resources = Object.entries<Part>(template.Resources)
    .filter(([id]) => !left.has(id))
    .map(([id, { DependsOn, ...resource }]) => {
      const dependencies = [DependsOn ?? []].flat().filter((dependency) => !left.has(dependency));
      return [id, { ...without(resource, id), ...(dependencies.length > 0 && { DependsOn: dependencies }) }];
    });
  return {
    ...template,
    Resources: Object.fromEntries(resources),
    Outputs: without(template.Outputs, 'Outputs'),
  };
}
