import { RegionInfo } from 'aws-cdk-lib/region-info';
import * as z from 'zod';
import { didYouMean } from '../service/did-you-mean.ts';
import type { ToolDefinition } from '../service/tools/definition.ts';
import { accessLogsOptions } from './constructs/access-logs.ts';
import { archiveOptions } from './constructs/archive.ts';
import { auditLogOptions } from './constructs/audit-log/audit-log.ts';
import { budgetOptions } from './constructs/budget.ts';
import { checkClients, clientTokensOptions } from './constructs/client-tokens/client-tokens.ts';
import { dnsFirewallOptions, hasDnsFirewall } from './constructs/dns-firewall/dns-firewall.ts';
import { domainOptions } from './constructs/domain.ts';
import { edgeOptions } from './constructs/edge/edge.ts';
import { functionOptions } from './constructs/function/bundled-function.ts';
import { guardDutyOptions } from './constructs/guard-duty/guard-duty.ts';
import { imageOptions } from './constructs/image.ts';
import { monitoringOptions } from './constructs/monitoring/monitoring.ts';
import { endpointHosts } from './constructs/network/endpoint-services.ts';
import { networkOptions } from './constructs/network/network.ts';
import { rateLimitStoreOptions } from './constructs/rate-limit-store.ts';
import { scalingOptions } from './constructs/scaling.ts';
import { secretsOptions } from './constructs/secrets/secrets.ts';
import { taskOptions } from './constructs/task/task.ts';
import { webAclOptions } from './constructs/web-acl/web-acl.ts';
import { assertKeysReachable } from './lib/oauth.ts';
import { parseOptions, problem } from './lib/option-error.ts';
import { text, YEAR_DAYS } from './lib/option-types.ts';
import { toolsOption } from './lib/tool-options.ts';
import { type ServedTool, serveTools } from './served-tools.ts';
import { tagsOption } from './tags.ts';
import { reachProblems } from './tool-reach.ts';

const REGIONS = RegionInfo.regions.map(({ name }) => name);

/**
 * The name of a configuration that states none. With a rate limit store `NAME-STAGE` has at most 33 characters,
 * because an ElastiCache user id has at most 40; a name of 20 leaves 12 for the stage.
 */
const DEFAULT_NAME = 'Mcp';

/**
 * One deployment of the stack. A construct defines its options, each with type, bounds, default and description; `npm
 * run options` generates docs/configuration.md and docs/configuration.schema.json from them.
 */
export const stageConfig = z
  .strictObject({
    name: text(/^[A-Za-z][A-Za-z0-9]{0,19}$/, '1 to 20 letters and digits, the first a letter')
      .default(DEFAULT_NAME)
      .describe(
        'Name of the server. The stack is `NAME-STAGE`, and every name that the stack gives a resource, a metric or a ' +
          'secret starts with it or contains it. Two servers in one account and region need two names, which differ in ' +
          'more than capitals. A hyphen is not allowed: it separates the name from the stage. With `rateLimitStore`, ' +
          '`NAME-STAGE` has at most 33 characters.',
      )
      .meta({
        update:
          'a second stack is made under the new name, and the old one stays until you delete it. The new one cannot write the DNS record while the old one has it',
      }),
    account: text(/^\d{12}$/, 'an account id of 12 digits')
      .optional()
      .meta({
        description:
          'Id of the only account that the stage may be deployed to. The CDK CLI then works in no other account, and CloudFormation ' +
          'refuses the template in another one before the first resource. Synthesis asks no account.',
        absent: 'the account of the credentials',
      }),
    region: z
      .string()
      .check(({ value, issues }) => {
        if (REGIONS.includes(value)) return;
        const message = `an AWS region${didYouMean(value, REGIONS)}`;
        issues.push({ code: 'invalid_value', values: REGIONS, input: value, message });
      })
      .describe('Region of all resources, such as `eu-central-1`.')
      .meta({
        update: 'a second stack is made in the new region, and the old one stays until you delete it',
      }),
    terminationProtection: z
      .boolean()
      .default(true)
      .describe(
        'Whether termination protection must be removed manually before the stack can be deleted. Such a stage counts as production: ' +
          'at least two tasks, a protected load balancer, and a year of audit records.',
      ),
    tags: tagsOption,
    domain: domainOptions,
    network: networkOptions.prefault({}),
    secrets: secretsOptions
      .extend(clientTokensOptions.shape)
      .superRefine((options, context) =>
        checkClients(options, (path, text) => context.addIssue(problem(path, text))),
      )
      .prefault({}),
    functions: functionOptions.prefault({}),
    auditLog: auditLogOptions.prefault({}),
    archive: archiveOptions.optional().meta({
      absent: 'no archive; the audit log itself is kept for its retention',
      update:
        'an archive that is removed stays outside of the stack, with its key; adding it again makes another bucket',
    }),
    image: imageOptions.prefault({}),
    tools: toolsOption,
    task: taskOptions.prefault({}),
    rateLimitStore: rateLimitStoreOptions.optional().meta({
      absent: 'each task counts limits for itself, in memory',
      update:
        'a store that is removed is deleted with the counts of the last minute, so every limit starts at zero',
    }),
    dnsFirewall: dnsFirewallOptions
      .optional()
      .meta({ absent: 'as if `{}` were given, where it is possible' }),
    guardDuty: guardDutyOptions.optional().meta({
      description:
        'GuardDuty Runtime Monitoring runs its agent beside each task: it may pull the agent, resolve its names and send its events. ' +
        'The agent takes up to 128 MiB of `task.memoryMiB`, 1 GiB with the largest sizes. Enable Runtime Monitoring in GuardDuty, ' +
        'too; its automated agent configuration is not needed, because the tag `GuardDutyManaged: true` includes the cluster. ' +
        'After you add or remove the option in a running stage, start a new deployment of the service: ' +
        'docs/deploy.md, GuardDuty Runtime Monitoring.',
      absent: 'the cluster is excluded from Runtime Monitoring by the tag `GuardDutyManaged: false`',
    }),
    accessLogs: accessLogsOptions.prefault({}),
    edge: edgeOptions.prefault({}),
    scaling: scalingOptions.prefault({}),
    webAcl: webAclOptions.prefault({}),
    monitoring: monitoringOptions.prefault({}),
    budget: budgetOptions.optional().meta({ absent: 'no budget' }),
  })
  .superRefine((config, context) => {
    for (const [path, text] of problemsOf(config)) context.addIssue(problem(path, text));
  });

/** Options of a stage, as infra/config.ts states them. */
export type StageConfig = z.input<typeof stageConfig>;
/** Options of a stage with every default filled in. */
export type Stage = z.output<typeof stageConfig> & {
  /** The tools that it serves, with their values and needs. */
  readonly served: readonly ServedTool[];
  /** Whether one of its tools reads pages, or it serves those of the image, which are not known here. */
  readonly scrapes: boolean;
};

/** The name of a stage's stack. No two pairs of name and stage have the same, because a name has no hyphen. */
export function stackNameOf(stage: string, { name = DEFAULT_NAME }: Pick<StageConfig, 'name'>): string {
  return `${name}-${stage}`;
}

/** Names that options had before 0.1.0. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  [
    'limitStore',
    "rateLimitStore; remove its kind, and write onFailure: 'deny' for failure: 'closed', 'allow' for 'open'",
  ],
  ['rateLimitStore.failure', "rateLimitStore.onFailure, with 'deny' for 'closed' and 'allow' for 'open'"],
  ['webAcl.countedRules', 'webAcl.countOnlyRules'],
  ['task.engine', 'task.scrapeEngine'],
]);

/**
 * Checks a stage and fills in its defaults.
 *
 * @param definitions the tools of the service (service/tools/index.ts). @default - those of an image, which are not known here
 * @throws OptionError with a line for each problem: the option, the rule, the value
 */
export function parseStageConfig(config: StageConfig, definitions?: readonly ToolDefinition[]): Stage {
  const tools = toolsOption.safeParse(config.tools);
  const { tools: served, problems } = tools.success
    ? serveTools(definitions ?? [], tools.data, String(config.region))
    : { tools: [], problems: [] };
  // Beside a server, an image serves only tools that MCP_TOOLS names.
  const scrapes =
    definitions === undefined ? config.task?.server === undefined : served.some((tool) => tool.scrapes);
  const unused = scrapes || definitions === undefined ? [] : scrapeProblems(config);
  const parsed = stageConfig.safeParse(config);
  const others = parsed.success
    ? [
        ...reachProblems(parsed.data, served),
        ...sharedRoleProblems(parsed.data, served),
        ...exchangeProblems(parsed.data, served),
      ]
    : [];
  const stage = parseOptions(stageConfig, config, RENAMED, [...problems, ...unused, ...others]);
  const { task, network, region } = stage;
  if (task.oauth) {
    const way = { ...network, endpointHosts: endpointHosts(network, region) };
    assertKeysReachable(task.oauth, way, region);
  }
  return { ...stage, served, scrapes };
}

/** Options that have no effect in a stage whose tools read no pages. */
const SCRAPE_OPTIONS = ['scrapeEngine', 'allowedDomains', 'scrapeTimeoutMs', 'scrapeMaxBytes'] as const;

function scrapeProblems({ task }: StageConfig): string[] {
  return SCRAPE_OPTIONS.filter((option) => task?.[option] !== undefined).map(
    (option) =>
      `task.${option} must be left out: the stage serves no tool that reads pages (needs.scrape), got ${JSON.stringify(task?.[option])}`,
  );
}

/** A stage without its tools, whose needs are checked apart. */
type Options = z.output<typeof stageConfig>;

type Problem = readonly [path: PropertyKey[], text: string];

/** Problems that concern more than one construct. */
function problemsOf(config: Options): Problem[] {
  return [
    ...accountProblems(config),
    ...regionProblems(config),
    ...schemeProblems(config),
    ...useProblems(config),
    ...floorProblems(config),
  ];
}

/** Tokens are exchanged at the issuer of the clients' tokens. */
function exchangeProblems({ task }: Options, served: readonly ServedTool[]): string[] {
  if (task.oauth !== undefined) return [];
  return served
    .filter(({ exchangesTokens }) => exchangesTokens)
    .map(({ name }) => `tools.${name} exchanges tokens, which needs task.oauth`);
}

/** A server behind the service has the task role too, and so would have the secrets of tools. */
function sharedRoleProblems({ task }: Options, served: readonly ServedTool[]): string[] {
  if (task.server === undefined) return [];
  return served
    .filter(({ secrets }) => Object.keys(secrets).length > 0)
    .map(
      ({ name }) =>
        `tools.${name} must be left out with task.server: it has a secret, and both containers share the task role`,
    );
}

/** A load balancer takes certificates of its own account only. */
function accountProblems({ account, domain: { certificateArn } }: Options): Problem[] {
  if (account === undefined || certificateArn === undefined || certificateArn.split(':')[4] === account)
    return [];
  const text = `must be of the account of the stage, ${account}, got ${JSON.stringify(certificateArn)}`;
  return [[['domain', 'certificateArn'], text]];
}

/** ARNs and zones must be in the region of the stage. */
function regionProblems({ region, domain, secrets, network, task }: Options): Problem[] {
  const arns = [
    [['domain', 'certificateArn'], domain.certificateArn],
    [['secrets', 'apiKeySecretArn'], secrets.apiKeySecretArn],
    [['secrets', 'apiKeyKmsKeyArn'], secrets.apiKeyKmsKeyArn],
    ...Object.entries(task.server?.secrets ?? {}).map(
      ([name, arn]) => [['task', 'server', 'secrets', name], arn] as const,
    ),
    ...(task.server?.secretsKmsKeyArns ?? []).map(
      (arn) => [['task', 'server', 'secretsKmsKeyArns'], arn] as const,
    ),
  ] as const;
  const foreign = arns.flatMap(([path, arn]): Problem[] =>
    arn === undefined || arn.split(':')[3] === region
      ? []
      : [[[...path], `must be in the region of the stage, ${region}, got ${JSON.stringify(arn)}`]],
  );
  const zones = [
    [['network', 'zones'], network.zones ?? []],
    [['network', 'vpc', 'availabilityZones'], network.vpc?.availabilityZones ?? []],
  ] as const;
  const elsewhere = zones.flatMap(([path, names]) =>
    names.flatMap((zone): Problem[] =>
      zone.slice(0, -1) === region
        ? []
        : [[[...path], `must be zones of the stage's region, ${region}, got ${JSON.stringify(zone)}`]],
    ),
  );
  return [...foreign, ...elsewhere];
}

/** Options that fit one scheme of the load balancer only. */
function schemeProblems({ edge, domain, network, webAcl }: Options): Problem[] {
  const problems: Problem[] = [];
  const internal = edge.scheme === 'internal';
  const subnets = network.vpc?.publicSubnetIds.length;
  if (subnets === 0 && !internal) {
    const zones = network.vpc?.availabilityZones.length;
    const text = `must name one subnet for each of at least two zones, got 0 for ${zones}`;
    problems.push([['network', 'vpc', 'publicSubnetIds'], text]);
  }
  if (subnets !== undefined && subnets > 0 && internal) {
    const text =
      'must be left out with edge.scheme internal: the load balancer is in the subnets of privateSubnetIds';
    problems.push([['network', 'vpc', 'publicSubnetIds'], text]);
  }
  if (domain.privateZone && !internal) {
    const text = 'must be left out unless edge.scheme is internal: the load balancer has public addresses';
    problems.push([['domain', 'privateZone'], text]);
  }
  if (webAcl.allowedCountries && internal) {
    const text =
      'must be left out with edge.scheme internal: a private address is of no country, so every request would be refused';
    problems.push([['webAcl', 'allowedCountries'], text]);
  }
  return problems;
}

/** Options that another option makes useless. */
function useProblems(config: Options): Problem[] {
  const { secrets, task, tools } = config;
  const problems: Problem[] = [];
  if (tools !== undefined && Object.keys(tools).length === 0 && task.server === undefined) {
    const text =
      'must have at least one tool; leave it out for all tools of service/tools/index.ts, or give the stage a task.server';
    problems.push([['tools'], text]);
  }
  if (config.dnsFirewall && !hasDnsFirewall(config)) {
    const text =
      'must be left out with network.vpc, whose other workloads it would cut off, and while task.allowedDomains has *';
    problems.push([['dnsFirewall'], text]);
  }
  for (const option of ['apiKeySecretArn', 'apiKeyKmsKeyArn', 'apiKeyMaxAgeDays'] as const) {
    if (secrets[option] === undefined || task.scrapeEngine === 'webscraping-ai') continue;
    const text = `must be left out unless task.scrapeEngine is webscraping-ai, got ${secrets[option]}`;
    problems.push([['secrets', option], text]);
  }
  if (secrets.clients.length > 0 && task.oauth) {
    problems.push([['secrets', 'clients'], 'must be left out when task.oauth is set']);
  }
  return problems;
}

/** The minimum requirements of production. */
function floorProblems({ terminationProtection, scaling, edge, auditLog, archive }: Options): Problem[] {
  if (!terminationProtection) return [];
  const floor = 'in a stage with terminationProtection';
  const problems: Problem[] = [];
  if (scaling.minTasks < 2) {
    problems.push([['scaling', 'minTasks'], `must be at least 2 ${floor}, got ${scaling.minTasks}`]);
  }
  if (!edge.deletionProtection) {
    problems.push([['edge', 'deletionProtection'], `must be true ${floor}, got false`]);
  }
  for (const [path, days] of [
    [['auditLog', 'retentionDays'], auditLog.retentionDays],
    [['archive', 'lockDays'], archive?.lockDays ?? YEAR_DAYS],
  ] as const) {
    if (days < YEAR_DAYS) problems.push([[...path], `must be at least ${YEAR_DAYS} ${floor}, got ${days}`]);
  }
  return problems;
}
