import type { StageConfig } from '../../infra/stage-config.ts';
import {
  administratorArns,
  apiKeyKmsKeyArn,
  apiKeySecretArn,
  certificateArn,
  combinations,
  ecrImage,
  endpointSecurityGroupId,
  s3PrefixListId,
  serverSecretArn,
  toolSecretArn,
  vpc,
} from '../../test/infra/combinations.ts';
import { stages, unlisted } from '../../test/infra/stages.ts';

/** One change of an option, in a stage whose other options stay. */
export interface Change {
  /** The stage before the change; `prod` if absent. */
  readonly stage?: StageConfig;
  /** The option's value after the change; `undefined` removes the option. */
  readonly to: unknown;
  /** Options that the schema requires to change as well, by path. */
  readonly together?: Readonly<Record<string, unknown>>;
}

const { prod } = stages;
const { archive, knownClients, oauth, ownTools, ownToolsInside, tools, valkey, vpcEndpoints } = combinations;
const moved: StageConfig = { ...prod, network: { vpc } };
const movedWithStore: StageConfig = { ...moved, rateLimitStore: {} };
const ownKey: StageConfig = { ...prod, task: { ...prod.task, scrapeEngine: 'webscraping-ai' } };
const keyElsewhere: StageConfig = { ...ownKey, secrets: { ...prod.secrets, apiKeySecretArn } };
const policyStatements = [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::pages/*'] }];
const withPolicy: StageConfig = { ...prod, task: { ...prod.task, policyStatements } };
const large: StageConfig = {
  ...prod,
  task: { ...prod.task, allowedDomains: undefined, cpu: 1024, memoryMiB: 2048 },
};
const ownServer = { image: ecrImage, port: 8000, path: '/mcp' };
const withOwnServer: StageConfig = { ...large, task: { ...large.task, server: ownServer } };
const otherEndpoint = { service: 'iotsitewise.api', hosts: ['api.iotsitewise.us-east-1.amazonaws.com'] };
const withOtherEndpoint: StageConfig = {
  ...tools,
  network: { ...tools.network, otherEndpoints: [otherEndpoint] },
};
const [firstSubnet] = vpc.privateSubnetIds;
const otherSubnets = [firstSubnet, 'subnet-2222222222222222b'];

/**
 * For every option at least one change, from which docs/configuration.md states the effect on a running stage. `[]`
 * in a path means the first item of the list. A change that adds or removes resources is also computed backwards.
 */
export const CHANGES: Readonly<Record<string, Change | readonly Change[]>> = {
  name: { to: 'Search' },
  account: { to: '210987654321' },
  region: { to: 'eu-central-1' },
  terminationProtection: { to: false },
  tags: [{ to: { 'cost-center': '4711' } }, { stage: valkey, to: { 'cost-center': '4712' } }],
  guardDuty: { to: {} },
  'guardDuty.agentAccount': { stage: valkey, to: '123456789012' },
  'domain.domainName': { to: 'tools.example.com' },
  'domain.certificateArn': [
    { to: certificateArn, together: { 'domain.hostedZone': undefined } },
    { stage: combinations.vpc, to: `${certificateArn.slice(0, -1)}2` },
  ],
  'domain.hostedZone': { to: undefined, together: { 'domain.certificateArn': certificateArn } },
  'domain.hostedZone.id': { to: 'Z9876543210EXAMPLE' },
  'domain.hostedZone.name': { to: 'mcp.example.com' },
  'domain.privateZone': { stage: combinations.internal, to: undefined },
  'domain.privateZone.id': { stage: combinations.internal, to: 'Z1876543210EXAMPLE' },
  'domain.privateZone.name': { stage: combinations.internal, to: 'mcp-dev.example.com' },
  'domain.hostedZone.createRecord': { to: false },
  'network.egress': { to: 'endpoints', together: { 'network.s3PrefixListId': s3PrefixListId } },
  'network.natGateways': { to: 1 },
  'network.cidr': { to: '10.1.0.0/16' },
  'network.zones': { to: ['us-east-1b', 'us-east-1c'] },
  'network.s3PrefixListId': { stage: tools, to: 'pl-1123abcd' },
  'network.endpoints': { stage: tools, to: ['sqs', 's3', 'logs', 'sns'] },
  'network.dynamodbPrefixListId': { stage: ownToolsInside, to: 'pl-3123abcd' },
  'network.otherEndpoints': { stage: tools, to: [otherEndpoint] },
  'network.otherEndpoints[].service': { stage: withOtherEndpoint, to: 'iotsitewise.data' },
  'network.otherEndpoints[].hosts': {
    stage: withOtherEndpoint,
    to: ['*.iotsitewise.us-east-1.amazonaws.com'],
  },
  'network.internalCidrs': { stage: ownToolsInside, to: ['10.30.0.0/16'] },
  'network.flowLogRetentionDays': { to: 400 },
  'network.vpc': { to: vpc },
  'network.vpc.vpcId': { stage: moved, to: 'vpc-1123456789abcdef0' },
  'network.vpc.availabilityZones': { stage: moved, to: ['us-east-1a', 'us-east-1c'] },
  'network.vpc.publicSubnetIds': { stage: moved, to: otherSubnets },
  'network.vpc.privateSubnetIds': [
    { stage: moved, to: otherSubnets },
    { stage: movedWithStore, to: otherSubnets },
  ],
  'network.vpc.endpointSecurityGroupId': {
    stage: vpcEndpoints,
    to: `${endpointSecurityGroupId.slice(0, -1)}1`,
  },
  'secrets.retain': { to: false },
  'secrets.apiKeySecretArn': { stage: ownKey, to: apiKeySecretArn },
  'secrets.apiKeyKmsKeyArn': { stage: keyElsewhere, to: apiKeyKmsKeyArn },
  'secrets.administratorArns': { to: administratorArns },
  'secrets.clients': { to: [] },
  'secrets.clients[].clientId': { to: 'renamed' },
  'secrets.clients[].scopes': { to: ['echo'] },
  'secrets.clients[].principalArn': { to: 'arn:aws:iam::123456789012:role/other' },
  'secrets.clients[].rotateEveryDays': { to: 14 },
  'secrets.gracePeriodHours': { to: 12 },
  'secrets.apiKeyMaxAgeDays': { stage: ownKey, to: 30 },
  'functions.reserveConcurrency': { to: false },
  'auditLog.retentionDays': { to: 400 },
  archive: { to: { lockDays: 365 } },
  'archive.lockDays': { stage: archive, to: 400 },
  'image.imageUri': { to: ecrImage },
  'image.buildArgs': { to: { HTTPS_PROXY: 'http://proxy.example.com:3128' } },
  'image.buildSecrets': { to: { npmrc: '/home/ci/.npmrc' } },
  tools: [
    { to: { example: {} }, together: { 'task.allowedDomains': undefined } },
    { stage: ownTools, to: { example: {} }, together: { 'task.caCertificates': undefined } },
  ],
  'tools.NAME.settings': { stage: ownTools, to: { apiHost: 'stock.corp.example.net' } },
  'tools.NAME.secrets': { stage: ownTools, to: { apiKey: toolSecretArn } },
  'tools.NAME.deadlineMs': { stage: ownTools, to: 2000 },
  'tools.NAME.limitPerMinute': { stage: ownTools, to: 10 },
  'task.cpu': { to: 1024, together: { 'task.memoryMiB': 2048 } },
  'task.memoryMiB': { to: 2048 },
  'task.caCertificates': { stage: ownTools, to: undefined },
  'task.policyStatements': { to: policyStatements },
  'task.policyStatements[].actions': { stage: withPolicy, to: ['s3:ListBucket'] },
  'task.policyStatements[].resources': { stage: withPolicy, to: ['arn:aws:s3:::other/*'] },
  'task.scrapeEngine': { to: 'webscraping-ai' },
  'task.oauth': { stage: unlisted, to: { issuer: 'https://login.example.com/' } },
  'task.oauth.issuer': { stage: oauth, to: 'https://id.example.com/' },
  'task.oauth.audience': { stage: oauth, to: 'api://other' },
  'task.oauth.jwksUrl': { stage: oauth, to: 'https://id.example.com/jwks' },
  'task.oauth.scopePrefix': { stage: oauth, to: 'api://other/' },
  'task.allowedDomains': [{ to: ['example.org'] }, { to: ['*'] }],
  'task.allowedOrigins': { to: ['https://app.example.com'] },
  'task.trustedHops': { to: 2 },
  'task.clientLimitPerMinute': { to: 60 },
  'task.userLimitPerMinute': { to: 60 },
  'task.toolLimitPerMinute': { to: 30 },
  'task.authFailureLimitPerMinute': { to: 100 },
  'task.minimumProtocolVersion': { to: '2025-11-25' },
  'task.maxBodyBytes': { to: 65_536 },
  'task.scrapeTimeoutMs': { to: 10_000 },
  'task.scrapeMaxBytes': { to: 65_536 },
  'task.server': { stage: large, to: ownServer },
  'task.server.image': [
    { stage: withOwnServer, to: ecrImage.replace('team/mcp', 'team/other') },
    { stage: withOwnServer, to: './server' },
  ],
  'task.server.port': { stage: withOwnServer, to: 9000 },
  'task.server.path': { stage: withOwnServer, to: '/' },
  'task.server.command': { stage: withOwnServer, to: ['--stateless'] },
  'task.server.environment': { stage: withOwnServer, to: { LOG_LEVEL: 'debug' } },
  'task.server.secrets': { stage: withOwnServer, to: { API_KEY: serverSecretArn } },
  'task.server.secretsKmsKeyArns': { stage: combinations.server, to: [] },
  'task.server.hosts': { stage: withOwnServer, to: ['api.example.net'] },
  'task.server.cpu': { stage: withOwnServer, to: 128 },
  'task.server.memoryMiB': { stage: withOwnServer, to: 1024 },
  'task.server.writableTmp': { stage: withOwnServer, to: true },
  'task.server.session': { stage: withOwnServer, to: 'shared' },
  'task.server.logRetentionDays': { stage: withOwnServer, to: 400 },
  rateLimitStore: { to: {} },
  'rateLimitStore.onFailure': { stage: valkey, to: 'allow' },
  'rateLimitStore.maxEcpuPerSecond': { stage: valkey, to: 20_000 },
  dnsFirewall: { to: {} },
  'dnsFirewall.additionalDomains': { stage: oauth, to: ['api.example.org'] },
  'dnsFirewall.unlistedNames': { stage: stages.dev, to: 'alert' },
  'dnsFirewall.logRetentionDays': { stage: oauth, to: 400 },
  'accessLogs.retentionDays': { to: 400 },
  'edge.scheme': { to: 'internal', together: { 'edge.allowedCidrs': ['10.0.0.0/8'] } },
  'edge.deletionProtection': { stage: stages.dev, to: true },
  'edge.allowedCidrs': { to: ['192.0.2.0/24'] },
  'edge.mutualTls': { to: { caBundle: 's3://pki/ca.pem' } },
  'edge.mutualTls.caBundle': { stage: knownClients, to: 's3://pki/ca-2.pem' },
  'edge.mutualTls.revocationLists': { stage: knownClients, to: ['s3://pki/crl-2.pem'] },
  'edge.verifyTokens': { stage: oauth, to: { audienceFormat: 'single-string' } },
  'edge.verifyTokens.audienceFormat': { stage: knownClients, to: 'string-array' },
  'scaling.minTasks': { to: 3 },
  'scaling.maxTasks': { to: 8 },
  'scaling.cpuPercent': { to: 50 },
  'scaling.memoryPercent': { to: 50 },
  'scaling.requestsPerTargetPerMinute': { to: 1200 },
  'webAcl.rateLimitPer5Min': { to: 2000 },
  'webAcl.toolRateLimitPer5Min': { to: 400 },
  'webAcl.unauthenticatedRateLimitPer5Min': { to: 100 },
  'webAcl.totalRateLimitPer5Min': { to: 50_000 },
  'webAcl.allowedCountries': { to: ['DE'] },
  'webAcl.blockedCidrs': { to: ['192.0.2.0/24'] },
  'webAcl.sharedCidrs': { to: ['192.0.2.0/24'] },
  'webAcl.countOnlyRules': { to: ['AWSManagedRulesAmazonIpReputationList/AWSManagedIPReputationList'] },
  'webAcl.logRetentionDays': { to: 400 },
  'monitoring.latencyP99Ms': { to: 10_000 },
  'monitoring.deniedCallsPer5Min': { to: 100 },
  'monitoring.blockedRequestsPer5Min': { to: 2000 },
  'monitoring.toolMetrics': { stage: withOwnServer, to: true },
  'monitoring.email': { to: 'other@example.com' },
  'monitoring.pagerEmail': { to: 'pager@example.com' },
  'monitoring.runbookUrl': { to: 'https://wiki.example.com/mcp/runbook' },
  budget: { to: { monthlyUsd: 200, email: 'finance@example.com' } },
  'budget.monthlyUsd': { stage: archive, to: 300 },
  'budget.email': { stage: archive, to: 'other@example.com' },
};
