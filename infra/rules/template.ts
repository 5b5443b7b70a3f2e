import { every, type Rule } from './rule.ts';
import { isService, listOf } from './synthesized-template.ts';

const added = { file: 'infra/rules/template.ts' };
/** Added by CDK, without effect. */
const METADATA = 'AWS::CDK::Metadata';
/** The parameter with which CDK checks the version of its bootstrap stack. */
const BOOTSTRAP = 'BootstrapVersion';
const LATER = /(?:"(Fn::(?:If|Transform|FindInMap|ImportValue))":|\{\{(resolve:))/;
/**
 * Variables that change how a Node program runs: its permissions, the code it loads, its trusted certificates, its
 * proxy.
 */
const AS_BUILT =
  /^(?:NODE_(?!ENV$)|LD_|OPENSSL_|SSL_CERT_|AWS_ENDPOINT_URL|AWS_LAMBDA_EXEC_WRAPPER$|HTTPS?_PROXY$)/i;

/** Rules for a template as a whole. */
export const wholeRules: readonly Rule[] = [
  {
    id: 'NoDeployTimeLogic',
    control: 'The deployed template is the checked one: no macro rewrites it, no condition leaves a part out',
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
          resource.Type === 'AWS::CloudFormation::Stack' && 'a nested stack',
          later,
        ].flatMap((what) => (what ? [{ logicalId, problem: `${what} must be absent` }] : []));
      }),
    ],
  },
  {
    id: 'NoSecretResolved',
    control: 'No secret is resolved into an output, a function or another property with many readers',
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
      'No variable or layer changes how the service or a function runs: its permissions, the code it loads, its trusted certificates',
    fsbp: [],
    ...added,
    check: (template) => [
      ...every('AWS::ECS::TaskDefinition', ({ ContainerDefinitions }) => {
        const containers = listOf(ContainerDefinitions);
        // A server behind the service is a program of the fork's own.
        const service = containers.filter((container) => isService(container, template));
        return (service.length > 0 ? service : containers)
          .flatMap(({ Environment }) => listOf(Environment))
          .map(({ Name }) => AS_BUILT.test(Name) && `Environment must not have ${Name}`);
      })(template),
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
    control: 'While the DNS firewall is unavailable, no name resolves',
    fsbp: [],
    ...added,
    check: every(
      'AWS::Route53Resolver::FirewallConfig',
      ({ FirewallFailOpen }) => [FirewallFailOpen !== 'DISABLED' && 'FirewallFailOpen must be "DISABLED"'],
      { needed: false },
    ),
  },
];
