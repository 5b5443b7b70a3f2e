import { every, type Rule } from './rule.ts';
import { listOf } from './synthesized-template.ts';

const added = { file: 'infra/rules/template.ts' };
/** Made by CDK, of no effect. */
const METADATA = 'AWS::CDK::Metadata';
/** The parameter by which CDK finds the version of its bootstrap stack. */
const BOOTSTRAP = 'BootstrapVersion';
const LATER = /(?:"(Fn::(?:If|Transform|FindInMap|ImportValue))":|\{\{(resolve:))/;
/** What changes how a program of Node runs: its rights, what it loads, whose certificates it trusts, whom it asks. */
const AS_BUILT =
  /^(?:NODE_(?!ENV$)|LD_|OPENSSL_|SSL_CERT_|AWS_ENDPOINT_URL|AWS_LAMBDA_EXEC_WRAPPER$|HTTPS?_PROXY$)/i;

/** What concerns a template as a whole. */
export const wholeRules: readonly Rule[] = [
  {
    id: 'NoDeployTimeLogic',
    control:
      'The deployed resources are those that the rules read: the template has no macros, parameters or conditions',
    fsbp: [],
    ...added,
    check: (template) => [
      ...['Transform', 'Mappings', 'Conditions'].flatMap((part) =>
        template.whole[part] === undefined ? [] : [{ problem: `${part} must be absent` }],
      ),
      ...Object.keys(template.whole['Parameters'] ?? {}).flatMap((name) =>
        name === BOOTSTRAP ? [] : [{ problem: `Parameters must not have ${name}` }],
      ),
      ...Object.entries(template.resources).flatMap(([logicalId, resource]) => {
        if (resource.Type === METADATA) return [];
        const later = LATER.exec(JSON.stringify(resource))?.slice(1).find(Boolean);
        return [
          resource.Condition !== undefined && 'Condition',
          resource.Type === 'AWS::CloudFormation::Stack' && 'a stack within',
          later,
        ].flatMap((what) => (what ? [{ logicalId, problem: `${what} must be absent` }] : []));
      }),
    ],
  },
  {
    id: 'NoSecretResolved',
    control:
      'No dynamic reference resolves a secret into an output, a function or another place that many can read',
    fsbp: [],
    ...added,
    check: (template) =>
      /\{\{resolve:(?:secretsmanager|ssm-secure):/.test(JSON.stringify(template.whole))
        ? [{ problem: 'a secret must be read at run time, not by {{resolve:…}}' }]
        : [],
  },
  {
    id: 'NoRuntimeOverrides',
    control:
      'No environment variable or Lambda layer changes how Node.js runs: its permissions, the modules that it loads or the certificates that it trusts',
    fsbp: [],
    ...added,
    check: (template) => [
      ...every('AWS::ECS::TaskDefinition', ({ ContainerDefinitions }) =>
        listOf(ContainerDefinitions)
          .flatMap(({ Environment }) => listOf(Environment))
          .map(({ Name }) => AS_BUILT.test(Name) && `Environment must not have ${Name}`),
      )(template),
      ...every(
        'AWS::Lambda::Function',
        ({ Environment, Layers }) => [
          listOf(Layers).length > 0 && 'Layers must be absent',
          ...Object.keys(Environment?.Variables ?? {}).map(
            (name) => AS_BUILT.test(name) && `Environment must not have ${name}`,
          ),
        ],
        { needed: false },
      )(template),
    ],
  },
  {
    id: 'DnsFirewallFailClosed',
    control: 'The DNS firewall fails closed: a name that it cannot check does not resolve',
    fsbp: [],
    ...added,
    check: every(
      'AWS::Route53Resolver::FirewallConfig',
      ({ FirewallFailOpen }) => [FirewallFailOpen !== 'DISABLED' && 'FirewallFailOpen must be "DISABLED"'],
      { needed: false },
    ),
  },
];
