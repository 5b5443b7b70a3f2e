import { grants } from './grants.ts';
import { every, type Rule } from './rule.ts';
import { ownersIn, textOf } from './statements.ts';
import { listOf, referencesIn, type SynthesizedTemplate } from './synthesized-template.ts';

const made = { file: 'infra/constructs/task/task.ts', test: 'test/contract/environment.test.ts' };

/** What CDK grants for a key: each is one right in variants. */
const FAMILIES = /^kms:(?:GenerateDataKey|ReEncrypt)\*$/;
/** Actions that have no resource to name. */
const WITHOUT_RESOURCE = ['ecr:GetAuthorizationToken', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
/** The policy of AWS that a role may have, for CDK's own function: writing its own log. */
const LOG_ITS_OWN =
  /^arn:(?:[\w-]+|<AWS\.Partition>):iam::aws:policy\/service-role\/AWSLambdaBasicExecutionRole$/;

/** Whether a resource stands for several, other than what lies below one of the template, or is decided elsewhere. */
function isUnnamed(resource: unknown, template: SynthesizedTemplate): boolean {
  const text = textOf(resource);
  const isOwn = (name: string | undefined) => Object.hasOwn(template.resources, name ?? '');
  return (
    (/[*?]/.test(text) && !isOwn(/^<(\w+)\.Arn>\//.exec(text)?.[1])) ||
    ownersIn(resource).some((name) => name !== 'AWS' && !isOwn(name)) ||
    /"Fn::FindInMap"|\{\{resolve:/.test(text)
  );
}

/** Each resource outside IAM and KMS: its service, and the logical ids that it refers to. */
function servicesWithReferences({ resources }: SynthesizedTemplate) {
  return Object.values(resources)
    .filter(({ Type }) => !/^AWS::(?:IAM|KMS)::/.test(Type))
    .map(({ Type, Properties }) => ({
      service: Type.split('::')[1]?.toLowerCase(),
      references: referencesIn(Properties),
    }));
}

/** Services that hold something encrypted with a key, as in `kms:ViaService`. */
function servicesOf(key: string, template: SynthesizedTemplate): readonly (string | undefined)[] {
  return template
    .derive(servicesWithReferences)
    .filter(({ references }) => references.includes(key))
    .map(({ service }) => service);
}

export const permissionRules: readonly Rule[] = [
  {
    id: 'NamedActions',
    control:
      'Every policy names its actions: no NotAction, no wildcard but kms:GenerateDataKey* and kms:ReEncrypt*',
    fsbp: [],
    ...made,
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions }) =>
        statement['NotAction'] !== undefined ||
        actions.some((action) => /[*?]/.test(action) && !FAMILIES.test(action))
          ? [{ logicalId, problem: `Action must name what is done, got ${JSON.stringify(actions)}` }]
          : [],
      ),
  },
  {
    id: 'NamedResources',
    control: 'Every policy names its resources, but for actions that have none',
    fsbp: ['KMS.1', 'KMS.2'],
    ...made,
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions, resources }) =>
        (statement['NotResource'] !== undefined ||
          resources.some((resource) => isUnnamed(resource, template))) &&
        !actions.every((action) => WITHOUT_RESOURCE.includes(action))
          ? [{ logicalId, problem: `Resource must name what ${actions.join(', ')} concerns` }]
          : [],
      ),
  },
  {
    id: 'DecryptThroughService',
    control: 'Nobody decrypts with a key but through the service that stores what it encrypts',
    fsbp: ['KMS.1', 'KMS.2'],
    file: 'infra/constructs/secrets/secrets.ts',
    test: 'test/contract/environment.test.ts',
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions, resources }) => {
        if (!actions.some((action) => /^kms:(?:Decrypt|\*|ReEncrypt)/i.test(action))) return [];
        const via = listOf(statement['Condition']?.StringEquals?.['kms:ViaService']).map(textOf);
        const keys = resources.flatMap(ownersIn).filter((name) => name !== 'AWS');
        return [
          via.length === 0 && 'kms:Decrypt must have a condition on kms:ViaService',
          ...via.map(
            (service) =>
              !keys.every((key) => servicesOf(key, template).includes(service.split('.')[0])) &&
              `kms:ViaService must be what stores something under the key, got ${service}`,
          ),
        ].flatMap((problem) => (problem ? [{ logicalId, problem }] : []));
      }),
  },
  {
    id: 'NoBroadManagedPolicy',
    control: 'No role or group has a managed policy from outside the stack, which grows without a commit',
    fsbp: [],
    ...made,
    test: 'test/infra/task.test.ts',
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
    control: 'No user and no access key, which nobody rotates: roles and their temporary keys only',
    fsbp: [],
    file: 'infra/rules/permissions.ts',
    test: 'test/infra/added-resources.test.ts',
    check: (template) =>
      ['AWS::IAM::User', 'AWS::IAM::AccessKey'].flatMap((type) =>
        every(type, () => [`${type} must be a role`], { needed: false })(template),
      ),
  },
];
