import { grants } from './grants.ts';
import { every, type Rule } from './rule.ts';
import { ownersIn, textOf } from './statements.ts';
import { listOf, referencesIn, type SynthesizedTemplate } from './synthesized-template.ts';

const made = { file: 'infra/constructs/task/task.ts' };

/** Wildcards that CDK grants for a key: each covers variants of one permission. */
const FAMILIES = /^kms:(?:GenerateDataKey|ReEncrypt)\*$/;
/** Actions that have no resource to name. */
const WITHOUT_RESOURCE = ['ecr:GetAuthorizationToken', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
/** The AWS managed policy that CDK's own function may have: writing its own log. */
const LOG_ITS_OWN =
  /^arn:(?:[\w-]+|<AWS\.Partition>):iam::aws:policy\/service-role\/AWSLambdaBasicExecutionRole$/;

/** Whether a resource covers several, other than those below one of the template, or is unknown until deployment. */
function isUnnamed(resource: unknown, template: SynthesizedTemplate): boolean {
  const text = textOf(resource);
  const isOwn = (name: string | undefined) => Object.hasOwn(template.resources, name ?? '');
  return (
    (/[*?]/.test(text) && !isOwn(/^<(\w+)\.Arn>\//.exec(text)?.[1])) ||
    ownersIn(resource).some((name) => name !== 'AWS' && !isOwn(name)) ||
    /"Fn::FindInMap"|\{\{resolve:/.test(text)
  );
}

/** Services whose name in `kms:ViaService` is not that of their resource types. */
const OTHER_NAMES: Readonly<Record<string, string>> = { kinesisfirehose: 'firehose' };

/** A resource type's service, as `kms:ViaService` names it. */
function serviceOf(type: string): string {
  const name = type.split('::')[1]?.toLowerCase() ?? '';
  return OTHER_NAMES[name] ?? name;
}

/** Each resource outside IAM and KMS: its service, and the logical ids it refers to. */
function servicesWithReferences({ resources }: SynthesizedTemplate) {
  return Object.values(resources)
    .filter(({ Type }) => !/^AWS::(?:IAM|KMS)::/.test(Type))
    .map(({ Type, Properties }) => ({
      service: serviceOf(Type),
      references: referencesIn(Properties),
    }));
}

/** Services that store something encrypted with a key, as in `kms:ViaService`. */
function servicesOf(key: string, template: SynthesizedTemplate): readonly string[] {
  return template
    .derive(servicesWithReferences)
    .filter(({ references }) => references.includes(key))
    .map(({ service }) => service);
}

export const permissionRules: readonly Rule[] = [
  {
    id: 'NamedActions',
    control:
      'Every policy names its actions: no NotAction, no wildcard except kms:GenerateDataKey* and kms:ReEncrypt*',
    fsbp: [],
    ...made,
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions }) =>
        statement['NotAction'] !== undefined ||
        actions.some((action) => /[*?]/.test(action) && !FAMILIES.test(action))
          ? [{ logicalId, problem: `Action must name each action, got ${JSON.stringify(actions)}` }]
          : [],
      ),
  },
  {
    id: 'NamedResources',
    control: 'Every policy names its resources, except for actions that have none',
    fsbp: ['KMS.1', 'KMS.2'],
    ...made,
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions, resources }) =>
        (statement['NotResource'] !== undefined ||
          resources.some((resource) => isUnnamed(resource, template))) &&
        !actions.every((action) => WITHOUT_RESOURCE.includes(action))
          ? [{ logicalId, problem: `Resource must name the resources of ${actions.join(', ')}` }]
          : [],
      ),
  },
  {
    id: 'DecryptViaService',
    control: 'A key decrypts only through the service that stores the encrypted data',
    fsbp: ['KMS.1', 'KMS.2'],
    file: 'infra/constructs/secrets/secrets.ts',
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions, resources }) => {
        if (!actions.some((action) => /^kms:(?:Decrypt|\*|ReEncrypt)/i.test(action))) return [];
        const via = listOf(statement['Condition']?.StringEquals?.['kms:ViaService']).map(textOf);
        const keys = resources.flatMap(ownersIn).filter((name) => name !== 'AWS');
        return [
          via.length === 0 && 'kms:Decrypt must have a condition on kms:ViaService',
          ...via.map(
            (service) =>
              !keys.every((key) => servicesOf(key, template).includes(service.split('.')[0] ?? '')) &&
              `kms:ViaService must be a service that stores data under the key, got ${service}`,
          ),
        ].flatMap((problem) => (problem ? [{ logicalId, problem }] : []));
      }),
  },
  {
    id: 'NoBroadManagedPolicy',
    control:
      'No role or group has a managed policy from outside the stack, which can change without a commit',
    fsbp: [],
    ...made,
    check: (template) =>
      ['AWS::IAM::Role', 'AWS::IAM::Group'].flatMap((type) =>
        every(
          type,
          ({ ManagedPolicyArns }) =>
            listOf(ManagedPolicyArns).map(
              (policy) =>
                !template.names(policy, 'AWS::IAM::ManagedPolicy') &&
                !LOG_ITS_OWN.test(textOf(policy)) &&
                `ManagedPolicyArns must name policies of the stack, got ${textOf(policy)}`,
            ),
          { needed: false },
        )(template),
      ),
  },
  {
    id: 'NoAccessKeys',
    control:
      'There are no IAM users and access keys, which are not rotated: only roles with temporary credentials',
    fsbp: [],
    file: 'infra/rules/permissions.ts',
    check: (template) =>
      ['AWS::IAM::User', 'AWS::IAM::AccessKey'].flatMap((type) =>
        every(type, () => [`${type} must be a role`], { needed: false })(template),
      ),
  },
];
