import { every, type Rule } from './rule.ts';
import { listOf, type Properties, type SynthesizedTemplate } from './synthesized-template.ts';

const ROLE = 'AWS::IAM::Role';
const made = { file: 'infra/constructs/task.ts', test: 'test/contract/environment.test.ts' };

interface Granted {
  readonly logicalId: string;
  readonly statement: Properties;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

/** Every allowing statement of an identity in the template, inline ones included. */
function grants(template: SynthesizedTemplate): readonly Granted[] {
  const documents = [
    ...[...template.all('AWS::IAM::Policy'), ...template.all('AWS::IAM::ManagedPolicy')].map(
      ({ logicalId, properties }) => ({ logicalId, document: properties['PolicyDocument'] }),
    ),
    ...template
      .all(ROLE)
      .flatMap(({ logicalId, properties }) =>
        listOf(properties['Policies']).map(({ PolicyDocument }) => ({ logicalId, document: PolicyDocument })),
      ),
  ];
  return documents.flatMap(({ logicalId, document }) =>
    listOf(document?.Statement)
      .filter(({ Effect }) => Effect === 'Allow')
      .map((statement) => ({
        logicalId,
        statement,
        actions: listOf(statement['Action']).map(String),
        resources: listOf(statement['Resource']),
      })),
  );
}

/** What CDK grants for a key: each is one right in variants. */
const FAMILIES = /^kms:(?:GenerateDataKey|ReEncrypt)\*$/;
/** Every secret or every key, in one ARN. */
const ALL_OF_A_KIND = /:(?:secret:|key\/)\*+"/;
/** Actions that have no resource to name. */
const WITHOUT_RESOURCE = ['ecr:GetAuthorizationToken', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'];
/** Policies of AWS that a role may have: writing its own log. */
const AWS_POLICIES = ['AWSLambdaBasicExecutionRole'];

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
          resources.some((resource) => resource === '*' || ALL_OF_A_KIND.test(JSON.stringify(resource)))) &&
        !actions.every((action) => WITHOUT_RESOURCE.includes(action))
          ? [{ logicalId, problem: `Resource must name what ${actions.join(', ')} concerns` }]
          : [],
      ),
  },
  {
    id: 'DecryptThroughService',
    control: 'Nobody decrypts with a key but through the service that stores what it encrypts',
    fsbp: ['KMS.1', 'KMS.2'],
    file: 'infra/constructs/secrets.ts',
    test: 'test/contract/environment.test.ts',
    check: (template) =>
      grants(template).flatMap(({ logicalId, statement, actions }) =>
        actions.some((action) => /^kms:(?:Decrypt|\*|ReEncrypt)/i.test(action)) &&
        statement['Condition']?.StringEquals?.['kms:ViaService'] === undefined
          ? [{ logicalId, problem: 'kms:Decrypt must have a condition on kms:ViaService' }]
          : [],
      ),
  },
  {
    id: 'TrustedServicesOnly',
    control: 'Roles are assumed by AWS services only; those of tasks by ECS for this account',
    fsbp: [],
    ...made,
    check: (template) => [
      ...every(ROLE, ({ AssumeRolePolicyDocument }) =>
        listOf(AssumeRolePolicyDocument?.Statement).map(
          ({ Principal }) =>
            (Principal?.Service === undefined || Object.keys(Principal).length > 1) &&
            'AssumeRolePolicyDocument must name a service and nobody else',
        ),
      )(template),
      ...template.all('AWS::ECS::TaskDefinition').flatMap(({ properties }) =>
        [properties['TaskRoleArn'], properties['ExecutionRoleArn']].flatMap((reference) => {
          const role = template.target(reference);
          const condition = JSON.stringify(
            listOf(role?.properties['AssumeRolePolicyDocument']?.Statement).map(
              ({ Condition }) => Condition?.StringEquals,
            ),
          );
          return role && !condition.includes('aws:SourceAccount')
            ? [{ logicalId: role.logicalId, problem: 'trust must be bound by aws:SourceAccount' }]
            : [];
        }),
      ),
    ],
  },
  {
    id: 'NoBroadManagedPolicy',
    control: 'No role has a managed policy of AWS, which grows without a commit',
    fsbp: [],
    ...made,
    check: every(ROLE, ({ ManagedPolicyArns }) =>
      listOf(ManagedPolicyArns).map((arn) => {
        const text = JSON.stringify(arn);
        return (
          text.includes(':aws:policy/') &&
          !AWS_POLICIES.some((name) => text.includes(name)) &&
          `ManagedPolicyArns must name policies of the stack, got ${text}`
        );
      }),
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
