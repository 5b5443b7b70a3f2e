/** A template, or a part of it. */
// biome-ignore lint/suspicious/noExplicitAny: a template has no types
export type Part = any;

/** What moto 5.2.1 does not create, and where what stands in its place comes from. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': 'not known to it',
  'AWS::ApplicationAutoScaling::ScalingPolicy': 'not known to it',
  'AWS::CDK::Metadata': 'no resource, but what the CDK reports of itself',
  'AWS::CertificateManager::Certificate': 'not known to it; imported beforehand',
  'AWS::CloudWatch::Alarm': 'not known to it',
  'AWS::CloudWatch::Dashboard': 'names an attribute of the target group that it does not know',
  'AWS::EC2::SecurityGroupEgress': 'not known to it',
  'AWS::Lambda::EventInvokeConfig': 'not known to it',
  'AWS::Logs::MetricFilter': 'not known to it',
  'AWS::Logs::QueryDefinition': 'not known to it',
  'AWS::Route53Resolver::FirewallDomainList': 'not known to it',
  'AWS::Route53Resolver::FirewallRuleGroup': 'not known to it',
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': 'not known to it',
  'AWS::Route53Resolver::ResolverQueryLoggingConfig': 'not known to it',
  'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation': 'not known to it',
  'AWS::S3::BucketPolicy': 'not known to it',
  'AWS::SNS::TopicPolicy': 'not known to it',
  'AWS::SecretsManager::ResourcePolicy': 'not known to it',
  'AWS::SecretsManager::RotationSchedule': 'not known to it',
  'AWS::SecretsManager::Secret': 'not known to it; made beforehand, by its API',
  'AWS::WAFv2::LoggingConfiguration': 'not known to it',
  'AWS::WAFv2::WebACL': 'not known to it',
  'AWS::WAFv2::WebACLAssociation': 'not known to it',
};

/**
 * The template without what the emulator does not create.
 *
 * @param existing ARNs that stand for the Ref of a resource that was made beforehand, by its logical id
 * @throws when something that stays needs something that is left out: then the table above, or `existing`, lacks a row
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
