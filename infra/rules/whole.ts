import { every, type Rule } from './rule.ts';
import { listOf } from './synthesized-template.ts';

const added = { file: 'infra/rules/whole.ts', test: 'test/infra/added-resources.test.ts' };
/** Made by CDK, of no effect. */
const METADATA = 'AWS::CDK::Metadata';

/** What concerns a template as a whole. */
export const wholeRules: readonly Rule[] = [
  {
    id: 'NothingDecidedLater',
    control: 'What the rules read is what is deployed: no macro rewrites it, no condition leaves a part out',
    fsbp: [],
    ...added,
    check: (template) => [
      ...(template.whole['Transform'] === undefined ? [] : [{ problem: 'Transform must be absent' }]),
      ...Object.entries(template.resources).flatMap(([logicalId, resource]) => {
        if (resource.Type === METADATA) return [];
        const later = /"(Fn::If|Fn::Transform)":/.exec(JSON.stringify(resource))?.[1];
        return [resource.Condition !== undefined && 'Condition', later].flatMap((what) =>
          what ? [{ logicalId, problem: `${what} must be absent` }] : [],
        );
      }),
    ],
  },
  {
    id: 'NoSecretResolved',
    control: 'No secret is resolved into an output, a function or anything else that many read',
    fsbp: [],
    ...added,
    check: (template) =>
      /\{\{resolve:(?:secretsmanager|ssm-secure):/.test(JSON.stringify(template.whole))
        ? [{ problem: 'a secret must be read at run time, not by {{resolve:…}}' }]
        : [],
  },
  {
    id: 'NodeAsBuilt',
    control:
      'No variable changes how Node runs in a task: its rights, what it loads, whose certificates it trusts',
    fsbp: [],
    ...added,
    check: every('AWS::ECS::TaskDefinition', ({ ContainerDefinitions }) =>
      listOf(ContainerDefinitions)
        .flatMap(({ Environment }) => listOf(Environment))
        .map(({ Name }) => /^NODE_(?!ENV$)/.test(Name) && `Environment must not have ${Name}`),
    ),
  },
  {
    id: 'NamesFailClosed',
    control: 'A name that the DNS firewall cannot check does not resolve',
    fsbp: [],
    ...added,
    check: every(
      'AWS::Route53Resolver::FirewallConfig',
      ({ FirewallFailOpen }) => [FirewallFailOpen !== 'DISABLED' && 'FirewallFailOpen must be "DISABLED"'],
      { needed: false },
    ),
  },
];
