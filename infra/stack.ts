// biome-ignore-all lint/style/noExcessiveLinesPerFile: the table of contents of the stack: every construct and what it gets, in one place
import { resolve } from 'node:path';
import { CfnOutput, CfnResource, Stack, Tags } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { DEPLOYED_PORT, METADATA_PATHS } from '../service/environment/bounds.ts';
import type { ToolDefinition } from '../service/tools/definition.ts';
import { AccessLogs } from './constructs/access-logs.ts';
import { Archive } from './constructs/archive.ts';
import { AuditCheck } from './constructs/audit-check.ts';
import { AuditLog } from './constructs/audit-log/audit-log.ts';
import { Budget } from './constructs/budget.ts';
import { ClientTokens } from './constructs/client-tokens/client-tokens.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { DnsFirewall, dnsFirewallOptions, hasDnsFirewall } from './constructs/dns-firewall/dns-firewall.ts';
import { type ResolvableNamesProps, resolvableNames } from './constructs/dns-firewall/resolvable-names.ts';
import { Domain } from './constructs/domain.ts';
import { Edge } from './constructs/edge/edge.ts';
import type { BundledFunction } from './constructs/function/bundled-function.ts';
import { addDeadLetterTopic } from './constructs/function/dead-letters.ts';
import { agentImage, GuardDuty } from './constructs/guard-duty/guard-duty.ts';
import { Image, SERVICE_SOURCE } from './constructs/image.ts';
import { LogKey } from './constructs/log-key.ts';
import { LogMetrics } from './constructs/log-metrics.ts';
import { addAlarm } from './constructs/monitoring/add-alarm.ts';
import { Monitoring } from './constructs/monitoring/monitoring.ts';
import { endpointHosts } from './constructs/network/endpoint-services.ts';
import { accountsOf } from './constructs/network/endpoints.ts';
import { Network } from './constructs/network/network.ts';
import { RateLimitStore } from './constructs/rate-limit-store.ts';
import { Scaling } from './constructs/scaling.ts';
import { Secrets } from './constructs/secrets/secrets.ts';
import { Service } from './constructs/service.ts';
import type { ServerOptions } from './constructs/task/server.ts';
import { pinnedScopes, pinnedTools, serverSource } from './constructs/task/server-source.ts';
import { Task } from './constructs/task/task.ts';
import { ToolMetrics } from './constructs/tool-metrics.ts';
import { ToolSecrets } from './constructs/tool-secrets.ts';
import { WebAcl } from './constructs/web-acl/web-acl.ts';
import { orderCreation } from './creation-order.ts';
import { OptionError } from './lib/option-error.ts';
import { type Placeholder, placeholdersIn } from './lib/placeholders.ts';
import { pinAccount, synthesizerOf } from './pin-account.ts';
import { refusePlaceholders } from './refuse-placeholders.ts';
import type { Stated } from './rules/synthesized-template.ts';
import { type ScopesOfService, scopeProblems } from './scopes.ts';
import { arnOf, namesOf } from './served-tools.ts';
import { type Extend, findConstruct } from './stack-parts.ts';
import { parseStageConfig, type Stage, type StageConfig } from './stage-config.ts';

export interface McpStackProps {
  readonly config: StageConfig;
  /** Folder that has `tools.lock.json`, and where the path of `task.server.image` begins. @default - the repository */
  readonly files?: string;
  /** The tools of the service (service/tools/index.ts). @default - none: the image has its own list */
  readonly tools?: readonly ToolDefinition[] | undefined;
  /** The scopes of the service, so that a misspelled one of a client fails. @default - scopes are not checked */
  readonly scopes?: ScopesOfService | undefined;
  /** Name of the stage, for the extensions. @default - the id of the stack */
  readonly stage?: string;
  /** Adds a fork's resources. @default - none */
  readonly extend?: Extend | undefined;
}

/** Additions of a fork to its stages: its tools, resources of its own, and files. */
export type ForkProps = Pick<McpStackProps, 'tools' | 'scopes' | 'extend' | 'files'>;

const MAX_STACK_NAME = 64;

/** The table of contents: every construct by layer, in the order of their dependencies. */
export class McpStack extends Stack {
  /** Statements of the configuration, for the rule TaskRoleAsStated. */
  readonly stated: Stated;
  /** Example values that the configuration still has. With one, CloudFormation refuses the stack. */
  readonly placeholders: readonly Placeholder[];

  constructor(scope: Construct, id: string, props: McpStackProps) {
    const config = parseStageConfig(props.config, props.tools);
    super(scope, id, {
      description: 'Hardened MCP: a Model Context Protocol server on Fargate',
      // Without an account nothing is looked up, and synthesis depends on the source only.
      env: { region: config.region },
      terminationProtection: config.terminationProtection,
      ...(config.account !== undefined && { synthesizer: synthesizerOf(config.account) }),
    });
    // Names of resources begin with it, and SNS takes 100 characters for the sender of a mail.
    if (this.stackName.length > MAX_STACK_NAME) {
      throw new OptionError(
        `the name of a stack must have at most ${MAX_STACK_NAME} characters, such as Mcp-prod; got ${JSON.stringify(this.stackName)}`,
      );
    }
    this.placeholders = placeholdersIn(props.config);
    refusePlaceholders(this, this.placeholders);
    if (config.account !== undefined) pinAccount(this, config.account);
    for (const [key, value] of Object.entries(config.tags)) Tags.of(this).add(key, value);
    const foundation = addFoundation(this, config);
    const functions = addFunctions(this, config, foundation);
    const files = props.files ?? resolve(import.meta.dirname, '..');
    const compute = addCompute(this, config, foundation, functions, files);
    // The files of a server are valid by now.
    if (config.task.server) refuseEqualNames(config, files);
    if (props.scopes) refuseUnknownScopes(config, props.scopes, files);
    const entrance = addEntrance(this, config, foundation, compute);
    const operations = addOperations(this, config, foundation, functions, compute, entrance, files);
    const parts = { ...foundation, ...functions, ...compute, ...entrance, ...operations };
    const { extensions, additions } = addExtensions(this, { stage: id, ...props }, config, parts);
    this.stated = {
      rights: [...config.served.flatMap(({ rights }) => rights), ...config.task.policyStatements],
      additions,
    };
    orderCreation(this, { ...parts, extensions });
    addOutputs(this, foundation, functions, entrance);
  }
}

/** The service would not start. */
function refuseEqualNames({ served }: Stage, files: string): void {
  const pinned = pinnedTools(files);
  const both = served.map(({ name }) => name).filter((name) => pinned.includes(name));
  if (both.length === 0) return;
  throw new OptionError(
    `tools must leave out ${both.join(', ')}: tools.lock.json has a tool of the server with this name`,
  );
}

function refuseUnknownScopes(config: Stage, scopes: ScopesOfService, files: string): void {
  const problems = scopeProblems(config, scopes, config.task.server ? pinnedScopes(files) : []);
  if (problems.length > 0) throw new OptionError(problems.join('\n'));
}

type Foundation = ReturnType<typeof addFoundation>;
type Functions = ReturnType<typeof addFunctions>;
type Compute = ReturnType<typeof addCompute>;
type Entrance = ReturnType<typeof addEntrance>;

/** Basics of the other layers: domain, network, secrets and logs. */
function addFoundation(stack: Stack, config: Stage) {
  const domain = new Domain(stack, 'Domain', config.domain);
  const { key: logKey } = new LogKey(stack, 'LogKey');
  const agent = config.guardDuty && agentImage(config.guardDuty, config.region);
  const network = new Network(stack, 'Network', {
    ...config.network,
    loadBalancerScheme: config.edge.scheme,
    logKey,
    trustedAccounts: {
      images: accountsOf(config.image.imageUri, config.task.server?.image, agent?.repositoryArn),
      secrets: accountsOf(
        config.secrets.apiKeySecretArn,
        ...Object.values(config.task.server?.secrets ?? {}),
        ...config.served.flatMap(({ secrets }) => Object.values(secrets).map(arnOf)),
      ),
    },
    tools: {
      hosts: config.served.flatMap(({ hosts }) =>
        hosts.flatMap(({ name, internal }) => (internal ? [] : [name])),
      ),
      rights: config.served.flatMap(({ rights }) => rights),
      internalPorts: internalPorts(config),
    },
  });
  const secrets = new Secrets(stack, 'Secrets', {
    ...config.secrets,
    scrapeEngine: config.task.scrapeEngine,
    oauth: config.task.oauth !== undefined,
  });
  const toolSecrets = new ToolSecrets(stack, 'ToolSecrets', {
    tools: config.served,
    encryptionKey: secrets.encryptionKey,
    retain: config.secrets.retain,
  });
  const accessLogs = new AccessLogs(stack, 'AccessLogs', { ...config.accessLogs });
  const auditLog = new AuditLog(stack, 'AuditLog', { ...config.auditLog, logKey });
  const archive =
    config.archive &&
    new Archive(stack, 'Archive', {
      ...config.archive,
      logGroup: auditLog.logGroup,
      logKey,
      accessLogs: accessLogs.bucket,
    });
  return { domain, logKey, network, agent, secrets, toolSecrets, accessLogs, auditLog, archive };
}

/** TCP ports of the tools' hosts in the owner's own network. */
function internalPorts({ served }: Stage): number[] {
  const internal = served.flatMap(({ hosts }) => hosts.filter((host) => host.internal));
  return [...new Set(internal.map(({ protocol }) => (protocol === 'http:' ? 80 : 443)))];
}

/** The Lambda functions: rotation of the tokens, and the check of the audit log. */
function addFunctions(stack: Stack, config: Stage, { secrets, auditLog, logKey }: Foundation) {
  const clientTokens = new ClientTokens(stack, 'ClientTokens', {
    ...config.secrets,
    tokens: secrets.tokens,
    encryptionKey: secrets.encryptionKey,
    apiKey: secrets.apiKey,
    logKey,
    ...config.functions,
  });
  const auditCheck = new AuditCheck(stack, 'AuditCheck', {
    auditLog: auditLog.logGroup,
    auditKey: secrets.auditKey,
    encryptionKey: secrets.encryptionKey,
    logKey,
    ...config.functions,
  });
  return { clientTokens, auditCheck };
}

/** The Fargate service, the rate limit store and the DNS firewall. */
function addCompute(
  stack: Stack,
  config: Stage,
  foundation: Foundation,
  { clientTokens }: Functions,
  files: string,
) {
  const { domain, network, agent, secrets, toolSecrets, auditLog, logKey } = foundation;
  const image = new Image(stack, 'Image', {
    ...config.image,
    option: 'image.imageUri',
    source: SERVICE_SOURCE,
    internet: network.internet,
  });
  const server = config.task.server && {
    ...config.task.server,
    ...addServerImage(stack, config, config.task.server, { internet: network.internet, files }),
  };
  const rateLimitStore =
    config.rateLimitStore &&
    new RateLimitStore(stack, 'RateLimitStore', {
      ...config.rateLimitStore,
      vpc: network.vpc,
      subnets: network.taskSubnets,
    });
  const task = new Task(stack, 'Task', {
    ...config.task,
    domainName: domain.domainName,
    image: image.containerImage,
    logGroup: auditLog.logGroup,
    logKey,
    server,
    tokens: secrets.tokens,
    accessList: secrets.accessList,
    auditKey: secrets.auditKey,
    apiKey: secrets.apiKey,
    tools: config.served.map((tool) => ({ ...tool, secrets: toolSecrets.byTool[tool.name] ?? {} })),
    rateLimitStore,
    scrapes: config.scrapes,
    internet: network.internet,
    agentRepositoryArn: agent?.repositoryArn,
  });
  secrets.grantRead(task.role, { auditKey: server === undefined });
  toolSecrets.grantRead(task.role);
  secrets.restrictAccessList(task.role);
  secrets.restrictTokenReaders([task.role, clientTokens.tokenListRole]);
  // The owner of an existing VPC has the endpoint, as GuardDuty makes one a VPC.
  const guardDuty =
    agent && config.network.vpc === undefined
      ? new GuardDuty(stack, 'GuardDuty', { agent, vpc: network.vpc, subnets: network.taskSubnets })
      : undefined;
  const dnsFirewall = addDnsFirewall(stack, config, foundation, {
    imageDomains: {
      'image.imageUri': image.domains,
      ...(server && { 'task.server.image': server.domains }),
    },
    serverHosts: server?.hosts,
    agentDomains: guardDuty?.domains,
    rateLimitStoreHost: rateLimitStore?.host,
  });
  const { service } = new Service(stack, 'Service', {
    vpc: network.vpc,
    subnets: network.taskSubnets,
    taskDefinition: task.definition,
    egressPeers: network.egressPeers,
    egressPorts: task.egressPorts,
    internal: network.internal,
    dependencies: [network, task, dnsFirewall, rateLimitStore, guardDuty].flatMap(
      (part) => part?.dependencies ?? [],
    ),
    runtimeMonitoring: agent !== undefined,
  });
  guardDuty?.allowFrom(service);
  rateLimitStore?.grantConnect(task.role, service);
  return { service, task, dnsFirewall, rateLimitStore, guardDuty };
}

/** The image of the MCP server behind the service, and the hosts that its pull resolves. */
function addServerImage(
  stack: Stack,
  { image }: Stage,
  server: ServerOptions,
  { internet, files }: { readonly internet: boolean; readonly files: string },
) {
  const source = serverSource(server, files);
  const { containerImage, domains } = new Image(stack, 'ServerImage', {
    ...image,
    imageUri: 'imageUri' in source ? source.imageUri : undefined,
    option: 'task.server.image',
    source: 'directory' in source ? source : SERVICE_SOURCE,
    internet,
  });
  return { containerImage, domains };
}

function addDnsFirewall(
  stack: Stack,
  config: Stage,
  { network, logKey }: Foundation,
  hosts: Pick<ResolvableNamesProps, 'imageDomains' | 'serverHosts' | 'agentDomains' | 'rateLimitStoreHost'>,
) {
  if (!hasDnsFirewall(config)) return undefined;
  const options = config.dnsFirewall ?? dnsFirewallOptions.parse({});
  return new DnsFirewall(stack, 'DnsFirewall', {
    ...options,
    ...resolvableNames({
      region: config.region,
      internet: network.internet,
      task: config.task,
      ...hosts,
      toolHosts: namesOf(config.served, config.region),
      endpointHosts: endpointHosts(config.network, config.region),
      additionalDomains: options.additionalDomains,
    }),
    vpc: network.vpc,
    logKey,
  });
}

/** The only ingress: the load balancer, its web ACL, and scaling by its requests. */
function addEntrance(
  stack: Stack,
  config: Stage,
  { domain, network, accessLogs, logKey }: Foundation,
  { service }: Compute,
) {
  const metadataPaths = config.task.oauth ? METADATA_PATHS : [];
  const edge = new Edge(stack, 'Edge', {
    ...config.edge,
    vpc: network.vpc,
    subnets: network.loadBalancerSubnets,
    service,
    containerPort: DEPLOYED_PORT,
    paths: ['/mcp', ...metadataPaths],
    oauth: config.task.oauth,
    domainName: domain.domainName,
    certificate: domain.certificate,
    recordZone: domain.recordZone,
    accessLogs: accessLogs.bucket,
  });
  new Scaling(stack, 'Scaling', { ...config.scaling, service, targetGroup: edge.targetGroup });
  const webAcl = new WebAcl(stack, 'WebAcl', {
    ...config.webAcl,
    loadBalancer: edge.loadBalancer,
    domainName: domain.domainName,
    metadataPaths,
    browsers: config.task.allowedOrigins.length > 0,
    minimumProtocolVersion: config.task.minimumProtocolVersion,
    logKey,
  });
  // The listener exists only while the web ACL does, so no request bypasses it.
  edge.listener.node.addDependency(webAcl);
  return { edge, webAcl };
}

/** Metrics, alarms, dashboard and budget. */
function addOperations(
  stack: Stack,
  config: Stage,
  { secrets, auditLog, archive }: Foundation,
  functions: Functions,
  { service, dnsFirewall }: Compute,
  { edge, webAcl }: Entrance,
  files: string,
) {
  const logMetrics = new LogMetrics(stack, 'LogMetrics', {
    logGroup: auditLog.logGroup,
    oauth: config.task.oauth !== undefined,
    rateLimitStore: config.rateLimitStore !== undefined,
    server: config.task.server !== undefined,
  });
  const measured = {
    service,
    loadBalancer: edge.loadBalancer,
    targetGroup: edge.targetGroup,
    webAclMetricName: webAcl.metricName,
    logMetrics,
  };
  const { topics, alarms } = new Monitoring(stack, 'Monitoring', {
    ...config.monitoring,
    ...measured,
    minTasks: config.scaling.minTasks,
    accessListWrites: secrets.accessListWrites,
    blockedNames: dnsFirewall?.blocked,
    namesObserved: config.dnsFirewall?.unlistedNames === 'alert',
    rotation: functions.clientTokens.metrics,
    auditCheck: functions.auditCheck.metrics,
    archive: archive?.metrics,
  });
  for (const fn of bundled(functions)) addDeadLetterTopic(fn, topics.tickets);
  const toolMetrics = config.monitoring.toolMetrics
    ? new ToolMetrics(stack, 'ToolMetrics', {
        logGroup: auditLog.logGroup,
        tools: [...config.served.map(({ name }) => name), ...(config.task.server ? pinnedTools(files) : [])],
      })
    : undefined;
  new Dashboard(stack, 'Dashboard', { ...measured, auditLog: auditLog.logGroup, toolMetrics, alarms });
  const budget = config.budget && new Budget(stack, 'Budget', config.budget);
  new CfnOutput(stack, 'PageTopicArn', { value: topics.pages.topicArn });
  new CfnOutput(stack, 'TicketTopicArn', { value: topics.tickets.topicArn });
  return { topics, logMetrics, budget };
}

/** A fork's additions. */
function addExtensions(
  stack: Stack,
  { stage, extend }: { readonly stage: string; readonly extend?: Extend },
  config: Stage,
  parts: Foundation & Compute & ReturnType<typeof addOperations>,
) {
  const scope = new Construct(stack, 'Extensions');
  const afterService = new Construct(stack, 'ExtensionsAfterService');
  const { topics } = parts;
  extend?.({
    stage,
    production: config.terminationProtection,
    scope,
    afterService,
    stack,
    vpc: parts.network.vpc,
    taskSubnets: parts.network.taskSubnets,
    taskRole: parts.task.role,
    service: parts.service,
    encryptionKey: parts.secrets.encryptionKey,
    logKey: parts.logKey,
    auditLog: parts.auditLog.logGroup,
    accessLogs: parts.accessLogs.bucket,
    topics,
    alarm: (name, row) =>
      addAlarm(afterService, name, row, { topics, runbookUrl: config.monitoring.runbookUrl }),
    find: (path) => findConstruct(stack, path),
  });
  const added = [scope, afterService].flatMap(({ node }) => node.findAll().filter(CfnResource.isCfnResource));
  const additions = added.map(({ logicalId }): string => stack.resolve(logicalId));
  return { extensions: scope, additions };
}

function addOutputs(
  stack: Stack,
  { domain, secrets, toolSecrets, auditLog }: Foundation,
  { clientTokens }: Functions,
  { edge }: Entrance,
): void {
  new CfnOutput(stack, 'Url', { value: `https://${domain.domainName}/mcp` });
  new CfnOutput(stack, 'LoadBalancerDnsName', { value: edge.loadBalancer.loadBalancerDnsName });
  new CfnOutput(stack, 'AccessListSecretArn', { value: secrets.accessList.secretArn });
  if (secrets.tokens) new CfnOutput(stack, 'TokensSecretArn', { value: secrets.tokens.secretArn });
  if (secrets.apiKey) new CfnOutput(stack, 'ApiKeySecretArn', { value: secrets.apiKey.secretArn });
  for (const { id, secret } of toolSecrets.created) new CfnOutput(stack, id, { value: secret.secretArn });
  if (clientTokens.function)
    new CfnOutput(stack, 'RotationFunctionName', { value: clientTokens.function.lambda.functionName });
  new CfnOutput(stack, 'AuditLogGroupName', { value: auditLog.logGroup.logGroupName });
}

/** The functions of this stage. Without a token list or an API key there is no rotation. */
function bundled({ clientTokens, auditCheck }: Functions): BundledFunction[] {
  return [clientTokens.function, auditCheck.function].flatMap((fn) => fn ?? []);
}
