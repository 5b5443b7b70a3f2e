import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { AccessLogs } from './constructs/access-logs.ts';
import { Archive } from './constructs/archive.ts';
import { AuditCheck } from './constructs/audit-check.ts';
import { AuditLog } from './constructs/audit-log/audit-log.ts';
import { Budget } from './constructs/budget.ts';
import { ClientTokens } from './constructs/client-tokens/client-tokens.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { DnsFirewall, dnsFirewallOptions, hasDnsFirewall } from './constructs/dns-firewall/dns-firewall.ts';
import { resolvableNames } from './constructs/dns-firewall/resolvable-names.ts';
import { Domain } from './constructs/domain.ts';
import { Edge } from './constructs/edge/edge.ts';
import { addDeadLetterTopic } from './constructs/function/dead-letters.ts';
import { Image } from './constructs/image.ts';
import { LimitStore } from './constructs/limit-store.ts';
import { LogKey } from './constructs/log-key.ts';
import { LogMetrics } from './constructs/log-metrics.ts';
import { Monitoring } from './constructs/monitoring/monitoring.ts';
import { accountsOf } from './constructs/network/endpoints.ts';
import { Network } from './constructs/network/network.ts';
import { Scaling } from './constructs/scaling.ts';
import { Secrets } from './constructs/secrets/secrets.ts';
import { Service } from './constructs/service.ts';
import { CONTAINER_PORT, Task } from './constructs/task/task.ts';
import { WebAcl } from './constructs/web-acl/web-acl.ts';
import { METADATA_PATHS } from './lib/oauth.ts';
import { parseStageConfig, type StageConfig } from './stage-config.ts';

export interface McpStackProps {
  readonly config: StageConfig;
}

/** Every construct, in the order of their dependencies. */
export class McpStack extends Stack {
  constructor(scope: Construct, id: string, props: McpStackProps) {
    const config = parseStageConfig(props.config);
    super(scope, id, {
      description: 'Hardened MCP: a Model Context Protocol server on Fargate',
      // Without an account nothing is looked up, and synthesis depends on the source only.
      env: { region: config.region },
      terminationProtection: config.terminationProtection,
    });

    const oauth = config.task.oauth !== undefined;
    const metadataPaths = oauth ? METADATA_PATHS : [];
    const domain = new Domain(this, 'Domain', config.domain);
    const { key: logKey } = new LogKey(this, 'LogKey');
    const network = new Network(this, 'Network', {
      ...config.network,
      logKey,
      trustedAccounts: accountsOf(config.image.imageUri, config.secrets.apiKeySecretArn),
    });
    const secrets = new Secrets(this, 'Secrets', {
      ...config.secrets,
      scrapeEngine: config.task.scrapeEngine,
      oauth,
    });
    const clientTokens = new ClientTokens(this, 'ClientTokens', {
      ...config.secrets,
      tokens: secrets.tokens,
      encryptionKey: secrets.encryptionKey,
      apiKey: secrets.apiKey,
      logKey,
      ...config.functions,
    });
    const accessLogs = new AccessLogs(this, 'AccessLogs', { ...config.accessLogs });
    const auditLog = new AuditLog(this, 'AuditLog', { ...config.auditLog, logKey });
    if (config.archive)
      new Archive(this, 'Archive', {
        ...config.archive,
        logGroup: auditLog.logGroup,
        logKey,
        accessLogs: accessLogs.bucket,
      });
    const logMetrics = new LogMetrics(this, 'LogMetrics', {
      logGroup: auditLog.logGroup,
      oauth,
      limitStore: config.rateLimitStore !== undefined,
    });
    const auditCheck = new AuditCheck(this, 'AuditCheck', {
      auditLog: auditLog.logGroup,
      auditKey: secrets.auditKey,
      encryptionKey: secrets.encryptionKey,
      logKey,
      ...config.functions,
    });
    const image = new Image(this, 'Image', { ...config.image, internet: network.internet });
    const limitStore = config.rateLimitStore
      ? new LimitStore(this, 'LimitStore', {
          ...config.rateLimitStore,
          vpc: network.vpc,
          subnets: network.taskSubnets,
        })
      : undefined;
    const task = new Task(this, 'Task', {
      ...config.task,
      domainName: domain.domainName,
      image: image.containerImage,
      logGroup: auditLog.logGroup,
      tokens: secrets.tokens,
      auditKey: secrets.auditKey,
      apiKey: secrets.apiKey,
      limitStore,
      internet: network.internet,
    });
    secrets.grantRead(task.role);
    secrets.restrictTokenReaders([task.role, clientTokens.tokenListRole]);
    const dnsOptions = config.dnsFirewall ?? dnsFirewallOptions.parse({});
    const dnsFirewall = hasDnsFirewall(config)
      ? new DnsFirewall(this, 'DnsFirewall', {
          ...dnsOptions,
          ...resolvableNames({
            region: config.region,
            internet: network.internet,
            task: config.task,
            imageDomains: image.domains,
            endpoints: config.network.endpoints,
            limitStoreHost: limitStore?.host,
            additionalDomains: dnsOptions.additionalDomains,
          }),
          vpc: network.vpc,
          logKey,
        })
      : undefined;
    const service = new Service(this, 'Service', {
      vpc: network.vpc,
      subnets: network.taskSubnets,
      taskDefinition: task.definition,
      egressPeers: network.egressPeers,
      egressPorts: task.egressPorts,
      dependencies: [network, task, dnsFirewall, limitStore].flatMap((part) => part?.dependencies ?? []),
    });
    limitStore?.grantConnect(task.role, service.service);
    const edge = new Edge(this, 'Edge', {
      ...config.edge,
      vpc: network.vpc,
      subnets: network.publicSubnets,
      service: service.service,
      containerPort: CONTAINER_PORT,
      paths: ['/mcp', ...metadataPaths],
      oauth: config.task.oauth,
      domainName: domain.domainName,
      certificate: domain.certificate,
      hostedZone: domain.hostedZone,
      accessLogs: accessLogs.bucket,
    });
    new Scaling(this, 'Scaling', {
      ...config.scaling,
      service: service.service,
      targetGroup: edge.targetGroup,
    });
    const webAcl = new WebAcl(this, 'WebAcl', {
      ...config.webAcl,
      loadBalancer: edge.loadBalancer,
      domainName: domain.domainName,
      metadataPaths,
      browsers: config.task.allowedOrigins.length > 0,
      logKey,
    });
    if (config.functions.reserveConcurrency) {
      // If the account refuses these, it does so before there is a load balancer that is protected from the rollback.
      for (const { function: fn } of [clientTokens, auditCheck])
        if (fn) edge.loadBalancer.node.addDependency(fn.lambda);
    }
    // The listener exists only while the firewall does.
    edge.listener.node.addDependency(webAcl);
    const measured = {
      service: service.service,
      loadBalancer: edge.loadBalancer,
      targetGroup: edge.targetGroup,
      webAclMetricName: webAcl.metricName,
      logMetrics,
    };
    const monitoring = new Monitoring(this, 'Monitoring', {
      ...config.monitoring,
      ...measured,
      minTasks: config.scaling.minTasks,
      blockedNames: dnsFirewall?.blocked,
      rotation: clientTokens.metrics,
      auditCheck: auditCheck.metrics,
    });
    for (const { function: fn } of [clientTokens, auditCheck]) {
      if (fn) addDeadLetterTopic(fn, monitoring.topics.tickets);
    }
    new Dashboard(this, 'Dashboard', { ...measured, alarms: monitoring.alarms });
    if (config.budget) new Budget(this, 'Budget', config.budget);

    new CfnOutput(this, 'Url', { value: `https://${domain.domainName}/mcp` });
    new CfnOutput(this, 'LoadBalancerDnsName', { value: edge.loadBalancer.loadBalancerDnsName });
    if (secrets.tokens) new CfnOutput(this, 'TokensSecretArn', { value: secrets.tokens.secretArn });
    if (secrets.apiKey) new CfnOutput(this, 'ApiKeySecretArn', { value: secrets.apiKey.secretArn });
    if (clientTokens.function)
      new CfnOutput(this, 'RotationFunctionName', { value: clientTokens.function.lambda.functionName });
    new CfnOutput(this, 'AuditLogGroupName', { value: auditLog.logGroup.logGroupName });
    new CfnOutput(this, 'PageTopicArn', { value: monitoring.topics.pages.topicArn });
    new CfnOutput(this, 'TicketTopicArn', { value: monitoring.topics.tickets.topicArn });
  }
}
