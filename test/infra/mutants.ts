// biome-ignore-all lint/style/noExcessiveLinesPerFile: a table: rows for each rule
import type { combinations } from './combinations.ts';

/** The table that the tools of `ownTools` state (combinations.ts). */
const TABLE_ARN = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders';

/** A template as a fork might have weakened it: one value changed or gone. */
export interface Mutant {
  /** The rule that must name it. */
  readonly rule: string;
  readonly type: string;
  /** Path below the resource, such as `Properties.ContainerDefinitions.0.User`; empty for the resource itself. */
  readonly path: string;
  /** The replacement; `undefined` removes the value. */
  readonly value: unknown;
  /** Part of the JSON of the resource that is meant. @default - the first of its type */
  readonly like?: string;
  /** The combination of options that is weakened. @default 'prod' */
  readonly of?: keyof typeof combinations;
  /** Only production refuses it; the other mutants of its rule are tried on `dev` too. @default false */
  readonly production?: boolean;
}

type Row = readonly [path: string, value: unknown, options?: Partial<Mutant>];

function mutants(rule: string, type: string, rows: readonly Row[]): Mutant[] {
  return rows.map(([path, value, options]) => ({ rule, type, path, value, ...options }));
}

const TASK = 'AWS::ECS::TaskDefinition';
const SERVICE = 'AWS::ECS::Service';
const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const GROUP = 'AWS::EC2::SecurityGroup';
const ACL = 'AWS::WAFv2::WebACL';
const SECRET = 'AWS::SecretsManager::Secret';
const KEY = 'AWS::KMS::Key';
const LOG_GROUP = 'AWS::Logs::LogGroup';
const ALARM = 'AWS::CloudWatch::Alarm';
const POLICY = 'AWS::IAM::ManagedPolicy';
const ROLE = 'AWS::IAM::Role';
const BUCKET = 'AWS::S3::Bucket';
const FUNCTION = 'AWS::Lambda::Function';
const TOPIC = 'AWS::SNS::Topic';

const PAGES = { Ref: 'MonitoringPageTopic21EE238F' };
const TICKETS = { Ref: 'MonitoringTicketTopicE66609F5' };

const CONTAINER = 'Properties.ContainerDefinitions.0';
const attribute = (list: string, key: string) => `Properties.${list}.[Key=${key}].Value`;
const production = { production: true };
const open = { IpProtocol: 'tcp', CidrIp: '0.0.0.0/0' };
const everything = { IpProtocol: '-1', CidrIp: '0.0.0.0/0' };

const container: Mutant[] = [
  ...mutants('ReadOnlyRootFilesystem', TASK, [
    [`${CONTAINER}.ReadonlyRootFilesystem`, false],
    [`${CONTAINER}.ReadonlyRootFilesystem`, undefined],
    ['Properties.ContainerDefinitions.1', { Name: 'sidecar' }],
    ['Properties.ContainerDefinitions', []],
  ]),
  ...mutants('NonRootUser', TASK, [
    [`${CONTAINER}.User`, undefined],
    [`${CONTAINER}.User`, '0'],
    [`${CONTAINER}.User`, 'root'],
    [`${CONTAINER}.User`, '65532'],
    [`${CONTAINER}.User`, '65532:0'],
  ]),
  ...mutants('NotPrivileged', TASK, [[`${CONTAINER}.Privileged`, true]]),
  ...mutants('NoCapabilities', TASK, [
    [`${CONTAINER}.LinuxParameters.Capabilities`, undefined],
    [`${CONTAINER}.LinuxParameters.Capabilities`, { Drop: ['ALL'], Add: ['SYS_PTRACE'] }],
    [`${CONTAINER}.LinuxParameters.Capabilities.Drop`, ['NET_RAW']],
    [`${CONTAINER}.LinuxParameters`, undefined],
  ]),
  ...mutants('InitProcess', TASK, [[`${CONTAINER}.LinuxParameters.InitProcessEnabled`, false]]),
  ...mutants('NoWritableMount', TASK, [
    ['Properties.Volumes', [{ Name: 'scratch' }]],
    [`${CONTAINER}.MountPoints`, [{ SourceVolume: 'scratch', ContainerPath: '/tmp' }]],
    [`${CONTAINER}.LinuxParameters.Tmpfs`, [{ ContainerPath: '/tmp', Size: 16 }]],
    [`${CONTAINER}.VolumesFrom`, [{ SourceContainer: 'other' }]],
  ]),
  ...mutants('OwnNamespaces', TASK, [
    ['Properties.NetworkMode', 'host'],
    ['Properties.PidMode', 'task'],
    ['Properties.IpcMode', 'host'],
    ['Properties.RequiresCompatibilities', ['EC2']],
  ]),
  ...mutants('NoSecretInEnvironment', TASK, [
    [`${CONTAINER}.Environment.0`, { Name: 'DB_PASSWORD', Value: 'hunter2' }],
    [`${CONTAINER}.Environment.0`, { Name: 'MCP_AUDIT_KEY', Value: 'k' }],
    [`${CONTAINER}.Environment.0`, { Name: 'X', Value: '{{resolve:secretsmanager:db}}' }],
    [`${CONTAINER}.Secrets`, [{ Name: 'KEY', ValueFrom: 'arn:aws:secretsmanager:x' }]],
    [`${CONTAINER}.EnvironmentFiles`, [{ Type: 's3', Value: 'arn:aws:s3:::b/env' }]],
    ...['{"example_http":{"secrets":{"apiKey":"hunter2"}}}', 'example_http:hunter2'].map(
      (value): Row => [`${CONTAINER}.Environment.[Name=MCP_TOOL_CONFIG].Value`, value, { of: 'ownTools' }],
    ),
  ]),
  ...mutants('BlockingLogDriver', TASK, [
    [`${CONTAINER}.LogConfiguration`, undefined],
    [`${CONTAINER}.LogConfiguration.Options.mode`, 'non-blocking'],
    [`${CONTAINER}.LogConfiguration.Options.mode`, undefined],
    [`${CONTAINER}.LogConfiguration.LogDriver`, 'json-file'],
    [`${CONTAINER}.LogConfiguration.Options.awslogs-group`, 'elsewhere'],
  ]),
  ...mutants('PinnedImage', TASK, [
    [`${CONTAINER}.Image`, 'node:24'],
    [`${CONTAINER}.Image`, 'public.ecr.aws/team/mcp:latest'],
    [`${CONTAINER}.VersionConsistency`, 'disabled'],
  ]),
  ...mutants('DrainBeforeStop', TASK, [
    [`${CONTAINER}.StopTimeout`, 10],
    [`${CONTAINER}.StopTimeout`, undefined],
  ]),
  ...mutants('ContainerHealthCheck', TASK, [
    [`${CONTAINER}.HealthCheck`, undefined],
    [`${CONTAINER}.HealthCheck.Command`, ['CMD-SHELL', 'true']],
    [`${CONTAINER}.Essential`, false],
  ]),
  ...mutants('BoundedFileDescriptors', TASK, [[`${CONTAINER}.Ulimits`, undefined]]),
  ...mutants('SeparateRoles', TASK, [
    ['Properties.TaskRoleArn', undefined],
    ['Properties.ExecutionRoleArn', 'arn:aws:iam::123456789012:role/admin'],
  ]),
];

/** The server behind the service. */
const SERVER = 'Properties.ContainerDefinitions.1';
const withServer = { of: 'server' } as const;
const onServer = (rows: readonly Row[]): Row[] =>
  rows.map(([path, value, options]) => [path, value, { ...withServer, ...options }]);
const AUDIT_LOG = { Ref: 'AuditLog208ED862' };
const AUDIT_LOG_ARN = { 'Fn::GetAtt': ['AuditLog208ED862', 'Arn'] };
const AUDIT_KEY = { Ref: 'SecretsAuditKey7D26F301' };
const ofTaskRole = { like: 'elasticache:Connect' };
const ofExecutionRole = { like: 'ecr:GetAuthorizationToken' };
const policyStatement = (Action: string, Resource: unknown) => ({ Effect: 'Allow', Action, Resource });

const server: Mutant[] = [
  ...mutants('ReadOnlyRootFilesystem', TASK, onServer([[`${SERVER}.ReadonlyRootFilesystem`, false]])),
  ...mutants('NonRootUser', TASK, onServer([[`${SERVER}.User`, 'root']])),
  ...mutants('NotPrivileged', TASK, onServer([[`${SERVER}.Privileged`, undefined]])),
  ...mutants('NoCapabilities', TASK, onServer([[`${SERVER}.LinuxParameters.Capabilities`, undefined]])),
  ...mutants('InitProcess', TASK, onServer([[`${SERVER}.LinuxParameters.InitProcessEnabled`, undefined]])),
  ...mutants('BoundedFileDescriptors', TASK, onServer([[`${SERVER}.Ulimits`, undefined]])),
  ...mutants('PinnedImage', TASK, onServer([[`${SERVER}.Image`, 'python:3']])),
  ...mutants('BlockingLogDriver', TASK, onServer([[`${SERVER}.LogConfiguration.Options.mode`, undefined]])),
  ...mutants('ContainerHealthCheck', TASK, onServer([[`${SERVER}.Essential`, false]])),
  ...mutants(
    'NoWritableMount',
    TASK,
    onServer([
      [`${SERVER}.MountPoints.0.ContainerPath`, '/app'],
      ['Properties.Volumes.0.Host', { SourcePath: '/' }],
      ['Properties.Volumes.0.EFSVolumeConfiguration', { FilesystemId: 'fs-1' }],
      ['Properties.Volumes.1', { Name: 'other' }],
      [`${CONTAINER}.MountPoints`, [{ SourceVolume: 'server-tmp', ContainerPath: '/tmp', ReadOnly: true }]],
      [`${SERVER}.VolumesFrom`, [{ SourceContainer: 'mcp' }]],
    ]),
  ),
  ...mutants(
    'NoSecretInEnvironment',
    TASK,
    onServer([
      [`${SERVER}.Environment.0`, { Name: 'DB_PASSWORD', Value: 'hunter2' }],
      [`${SERVER}.Environment.0`, { Name: 'AUTH_TOKENS', Value: 'abc' }],
      [`${CONTAINER}.Environment.[Name=MCP_AUDIT_KEY].Value`, 'env:OTHER'],
    ]),
  ),
  ...mutants(
    'OnlyServiceListens',
    TASK,
    onServer([[`${SERVER}.PortMappings`, [{ ContainerPort: 8000, Protocol: 'tcp' }]]]),
  ),
  ...mutants(
    'ServiceStartsFirst',
    TASK,
    onServer([
      [`${SERVER}.DependsOn`, undefined],
      [`${SERVER}.DependsOn.0.Condition`, 'START'],
      [`${SERVER}.DependsOn.0.ContainerName`, 'other'],
      [`${CONTAINER}.DependsOn`, [{ ContainerName: 'server', Condition: 'START' }]],
      [`${SERVER}.StopTimeout`, undefined],
      [`${SERVER}.StopTimeout`, 40],
    ]),
  ),
  ...mutants(
    'SeparateUsers',
    TASK,
    onServer([
      [`${SERVER}.User`, '65532:65532'],
      [`${SERVER}.User`, '65533:65532'],
    ]),
  ),
  ...mutants(
    'OnlyServiceWritesAudit',
    TASK,
    onServer([[`${SERVER}.LogConfiguration.Options.awslogs-group`, AUDIT_LOG]]),
  ),
  ...mutants(
    'OnlyServiceWritesAudit',
    POLICY,
    onServer([
      [
        'Properties.PolicyDocument.Statement.3',
        policyStatement('logs:PutLogEvents', AUDIT_LOG_ARN),
        ofTaskRole,
      ],
      ['Properties.PolicyDocument.Statement.3', policyStatement('logs:CreateLogStream', '*'), ofTaskRole],
      ['Properties.PolicyDocument.Statement.3', policyStatement('logs:putLog*', AUDIT_LOG_ARN), ofTaskRole],
      [
        'Properties.PolicyDocument.Statement.3',
        { Effect: 'Allow', NotAction: 'iam:*', Resource: AUDIT_LOG_ARN },
        ofTaskRole,
      ],
    ]),
  ),
  ...mutants(
    'TaskRoleReadsNoKey',
    POLICY,
    onServer([
      ['Properties.PolicyDocument.Statement.0.Resource', AUDIT_KEY, ofTaskRole],
      ['Properties.PolicyDocument.Statement.0.Resource', '*', ofTaskRole],
      [
        'Properties.PolicyDocument.Statement.3',
        policyStatement('secretsmanager:BatchGetSecretValue', '*'),
        ofTaskRole,
      ],
      ...[
        policyStatement('secretsmanager:getsecretvalue', AUDIT_KEY),
        policyStatement('secretsmanager:Get?ecret*', AUDIT_KEY),
        { Effect: 'Allow', NotAction: 'iam:*', Resource: AUDIT_KEY },
        { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', NotResource: 'arn:aws:s3:::x' },
      ].map((statement): Row => ['Properties.PolicyDocument.Statement.3', statement, ofTaskRole]),
    ]),
  ),
  ...mutants(
    'InjectedSecretsNamed',
    POLICY,
    onServer([
      [
        'Properties.PolicyDocument.Statement.3.Resource.0',
        'arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf',
        ofExecutionRole,
      ],
      ['Properties.PolicyDocument.Statement.3.Resource', '*', ofExecutionRole],
    ]),
  ),
  ...mutants(
    'InjectedSecretsNamed',
    TASK,
    onServer([
      [`${SERVER}.Secrets.0`, { Name: 'KEY', ValueFrom: AUDIT_KEY }],
      [`${CONTAINER}.Secrets.1`, { Name: 'OTHER', ValueFrom: 'arn:aws:secretsmanager:x' }],
    ]),
  ),
  ...mutants(
    'ContainerMemoryLimits',
    TASK,
    onServer([
      [`${SERVER}.Memory`, undefined],
      [`${SERVER}.Cpu`, undefined],
      [`${SERVER}.Memory`, 1024],
      [`${SERVER}.Cpu`, 1024],
      [`${CONTAINER}.Memory`, undefined],
      [`${CONTAINER}.Memory`, 256],
    ]),
  ),
  ...mutants(
    'ServerRestarts',
    TASK,
    onServer([
      [`${SERVER}.RestartPolicy`, undefined],
      [`${SERVER}.RestartPolicy.Enabled`, false],
      [`${CONTAINER}.RestartPolicy`, { Enabled: true }],
    ]),
  ),
  ...mutants(
    'ServerAlarms',
    'AWS::Logs::MetricFilter',
    onServer([
      ['', undefined, { like: 'tool_changed' }],
      ['', undefined, { like: 'server_unavailable' }],
    ]),
  ),
];

const service: Mutant[] = [
  ...mutants('NoPublicAddress', SERVICE, [
    ['Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp', 'ENABLED'],
    ['Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp', undefined],
  ]),
  ...mutants('NoPublicAddress', 'AWS::EC2::Route', [
    ['Properties.GatewayId', { Ref: 'NetworkVpcIGW6BEA7B02' }, { like: 'NatGatewayId' }],
  ]),
  ...mutants('NoShell', SERVICE, [
    ['Properties.EnableExecuteCommand', true],
    ['Properties.EnableExecuteCommand', undefined],
  ]),
  ...mutants('LatestPlatform', SERVICE, [
    ['Properties.PlatformVersion', '1.3.0'],
    ['Properties.LaunchType', 'EC2'],
  ]),
  ...mutants('SafeDeployment', SERVICE, [
    ['Properties.DeploymentConfiguration.DeploymentCircuitBreaker', undefined],
    ['Properties.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback', false],
    ['Properties.DeploymentConfiguration.Alarms', undefined],
    ['Properties.DeploymentConfiguration.Alarms.Rollback', false],
    ['Properties.DeploymentConfiguration.Alarms.AlarmNames', []],
    ['Properties.DeploymentConfiguration.MinimumHealthyPercent', 0],
  ]),
  ...mutants('DedicatedSecurityGroup', SERVICE, [
    ['Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups', []],
    ['Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.0', 'sg-0123456789abcdef0'],
  ]),
  ...mutants('ContainerInsights', 'AWS::ECS::Cluster', [
    ['Properties.ClusterSettings', undefined],
    ['Properties.ClusterSettings.0.Value', 'disabled'],
  ]),
  ...mutants('MinimumTwoTasks', 'AWS::ApplicationAutoScaling::ScalableTarget', [
    ['Properties.MinCapacity', 0],
    ['Properties.MinCapacity', 1, production],
  ]),
  ...mutants('MinimumTwoTasks', SERVICE, [
    ['Properties.DesiredCount', 1],
    ['Properties.AvailabilityZoneRebalancing', 'DISABLED'],
  ]),
  ...mutants('ScalesOut', 'AWS::ApplicationAutoScaling::ScalingPolicy', [
    ['', undefined, { like: 'CPUUtilization' }],
    ['', undefined, { like: 'MemoryUtilization' }],
    ['', undefined, { like: 'ALBRequestCountPerTarget' }],
  ]),
];

const network: Mutant[] = [
  ...mutants('FlowLogs', 'AWS::EC2::FlowLog', [
    ['', undefined],
    ['Properties.TrafficType', 'REJECT'],
    ['Properties.LogGroupName', 'elsewhere'],
  ]),
  ...mutants('DefaultSecurityGroupClosed', 'Custom::VpcRestrictDefaultSG', [['', undefined]]),
  ...mutants('NoAutomaticPublicAddress', 'AWS::EC2::Subnet', [['Properties.MapPublicIpOnLaunch', true]]),
  ...mutants('HttpsIngressOnly', GROUP, [
    ['Properties.SecurityGroupIngress.0', { ...open, FromPort: 80, ToPort: 80 }, { like: 'HTTPS clients' }],
    ['Properties.SecurityGroupIngress.0', { ...open, FromPort: 0, ToPort: 443 }, { like: 'HTTPS clients' }],
    ['Properties.SecurityGroupIngress.1', everything, { like: 'HTTPS clients' }],
    ...['0.0.0.0/1', '128.0.0.0/1'].map(
      (CidrIp): Row => [
        'Properties.SecurityGroupIngress.1',
        { ...open, CidrIp, FromPort: 22, ToPort: 22 },
        { like: 'HTTPS clients' },
      ],
    ),
    [
      'Properties.SecurityGroupIngress.1',
      { IpProtocol: 'tcp', CidrIpv6: '0::0/0', FromPort: 22, ToPort: 22 },
      { like: 'HTTPS clients' },
    ],
  ]),
  ...mutants('TasksOnlyFromLoadBalancer', GROUP, [
    ['Properties.SecurityGroupIngress', [{ ...open, FromPort: 443, ToPort: 443 }], { like: 'MCP tasks' }],
    [
      'Properties.SecurityGroupIngress',
      [{ IpProtocol: 'tcp', CidrIp: '10.0.0.0/8', FromPort: 8443, ToPort: 8443 }],
      { like: 'MCP tasks' },
    ],
  ]),
  ...mutants('TasksOnlyFromLoadBalancer', 'AWS::EC2::SecurityGroupIngress', [
    ['Properties.ToPort', 9000],
    ['Properties.SourceSecurityGroupId', 'sg-0123456789abcdef0'],
  ]),
  ...mutants('NamedEgress', GROUP, [
    ['Properties.SecurityGroupEgress.0', everything, { like: 'MCP tasks' }],
    ['Properties.SecurityGroupEgress.0', { ...open, FromPort: 22, ToPort: 22 }, { like: 'MCP tasks' }],
    ['Properties.SecurityGroupEgress', undefined, { like: 'MCP tasks' }],
    ['Properties.SecurityGroupEgress.0', { ...open, FromPort: 443, ToPort: 443 }, { like: 'Load balancer' }],
  ]),
];

const names: Mutant[] = [
  ...mutants('UnlistedNamesBlocked', 'AWS::Route53Resolver::FirewallRuleGroup', [
    ['Properties.FirewallRules.2.Action', 'ALERT', production],
    ['Properties.FirewallRules.2.Action', 'ALLOW'],
    ['Properties.FirewallRules.2.Qtype', 'TXT'],
    ['Properties.FirewallRules.2.Priority', 1],
    ['Properties.FirewallRules', []],
  ]),
  ...mutants('UnlistedNamesBlocked', 'AWS::Route53Resolver::FirewallDomainList', [
    ['Properties.Domains', ['*'], { like: 'example.com' }],
  ]),
  ...mutants('UnlistedNamesBlocked', 'AWS::Route53Resolver::FirewallRuleGroupAssociation', [
    ['', undefined],
    ['Properties.VpcId', 'vpc-0123456789abcdef0'],
  ]),
  ...mutants('DnsFirewallRequired', 'AWS::Route53Resolver::FirewallRuleGroupAssociation', [['', undefined]]),
  ...mutants('DnsQueriesLogged', 'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation', [
    ['', undefined],
    ['Properties.ResourceId', 'vpc-0123456789abcdef0'],
  ]),
  ...mutants('DnsQueriesLogged', 'AWS::Route53Resolver::ResolverQueryLoggingConfig', [
    ['Properties.DestinationArn', 'arn:aws:s3:::elsewhere'],
  ]),
];

const edge: Mutant[] = [
  ...mutants('HttpsOnly', LISTENER, [
    ['Properties.Protocol', 'HTTP'],
    ['Properties.Certificates', []],
  ]),
  ...mutants('StrictTlsPolicy', LISTENER, [
    ['Properties.SslPolicy', undefined],
    ['Properties.SslPolicy', 'ELBSecurityPolicy-2016-08'],
    ['Properties.SslPolicy', 'ELBSecurityPolicy-TLS13-1-0-PQ-2025-09'],
  ]),
  ...mutants('FixedResponseByDefault', LISTENER, [
    ['Properties.DefaultActions', [{ Type: 'forward', TargetGroupArn: { Ref: 'X' } }]],
    ['Properties.DefaultActions', []],
  ]),
  ...mutants('OnlyProtocolForwarded', 'AWS::ElasticLoadBalancingV2::ListenerRule', [
    ['Properties.Conditions', []],
    ['Properties.Conditions.0.PathPatternConfig.Values', ['/*']],
    ['Properties.Conditions.0.PathPatternConfig.Values', ['/mcp', '/healthz']],
  ]),
  ...mutants('AudienceVerified', 'AWS::ElasticLoadBalancingV2::ListenerRule', [
    [
      'Properties.Actions.0.JwtValidationConfig.AdditionalClaims',
      undefined,
      { of: 'knownClients', like: 'jwt-validation' },
    ],
  ]),
  ...mutants('ResponseHeaders', LISTENER, [
    ['Properties.ListenerAttributes', undefined],
    ...[
      ['strict_transport_security', 'max-age=0'],
      ['content_security_policy', "default-src 'self'"],
      ['x_content_type_options', 'sniff'],
      ['x_frame_options', 'SAMEORIGIN'],
    ].map(
      ([name, value]): Row => [
        attribute('ListenerAttributes', `routing.http.response.${name}.header_value`),
        value,
      ],
    ),
    [attribute('ListenerAttributes', 'routing.http.response.server.enabled'), 'true'],
  ]),
  ...(
    [
      ['InvalidHeadersDropped', 'routing.http.drop_invalid_header_fields.enabled', 'false'],
      ['StrictestDesync', 'routing.http.desync_mitigation_mode', 'monitor'],
      ['HostHeaderPreserved', 'routing.http.preserve_host_header.enabled', 'false'],
      ['FirewallFailsClosed', 'waf.fail_open.enabled', 'true'],
      ['AccessLogged', 'access_logs.s3.enabled', 'false'],
      ['AccessLogged', 'connection_logs.s3.enabled', 'false'],
      ['AccessLogged', 'access_logs.s3.bucket', 'elsewhere'],
      ['IdleBelowKeepAlive', 'idle_timeout.timeout_seconds', '4000'],
    ] as const
  ).flatMap(([rule, key, value]) =>
    mutants(rule, BALANCER, [[attribute('LoadBalancerAttributes', key), value]]),
  ),
  ...mutants('StrictestDesync', BALANCER, [['Properties.LoadBalancerAttributes', undefined]]),
  ...mutants('DeletionProtected', BALANCER, [
    [attribute('LoadBalancerAttributes', 'deletion_protection.enabled'), 'false', production],
  ]),
  ...mutants('SchemeFitsSubnets', BALANCER, [
    ['Properties.Scheme', 'internet-facing', { of: 'internal' }],
    ['Properties.Scheme', undefined, { of: 'internalEndpoints' }],
    ['Properties.Scheme', 'internal'],
    ['Properties.Subnets.1', { Ref: 'NetworkVpcPublicSubnet2SubnetC427CCE0' }, { of: 'internal' }],
  ]),
  ...mutants('InternalFromNamedRanges', GROUP, [
    ['Properties.SecurityGroupIngress.0.CidrIp', '0.0.0.0/0', { of: 'internal', like: 'Load balancer' }],
    ['Properties.SecurityGroupIngress.0.CidrIp', '128.0.0.0/1', { of: 'internalVpc', like: 'Load balancer' }],
    [
      'Properties.SecurityGroupIngress.0',
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv6: '::/0' },
      { of: 'internalEndpoints', like: 'Load balancer' },
    ],
  ]),
  ...mutants('TwoZones', BALANCER, [['Properties.Subnets.1', undefined]]),
  ...mutants('HttpsToTasks', TARGETS, [
    ['Properties.Protocol', 'HTTP'],
    ['Properties.HealthCheckProtocol', 'HTTP'],
    ['Properties.HealthCheckPath', '/'],
    ['Properties.HealthCheckEnabled', false],
    ['Properties.HealthCheckEnabled', 'false'],
  ]),
  ...mutants('NoStickiness', TARGETS, [[attribute('TargetGroupAttributes', 'stickiness.enabled'), 'true']]),
  ...mutants('DrainBeforeDeregistration', TARGETS, [
    [attribute('TargetGroupAttributes', 'deregistration_delay.timeout_seconds'), '0'],
  ]),
];

const deny = 'Properties.ResourcePolicy.Statement.[Sid=DenyOtherReaders]';
const readers = `${deny}.Condition.StringNotEquals.aws:PrincipalArn.2`;
const grantConnect = 'Properties.ResourcePolicy.Statement.[Sid=ClientReads]';
const noWriting = 'Properties.ResourcePolicy.Statement.[Sid=DenyOtherWriters]';
const ELSEWHERE = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:other';
const secretsKey = { like: 'secrets of the MCP service' };
const noGrants = 'Properties.KeyPolicy.Statement.[Sid=GrantsForServicesOnly]';
const secrets: Mutant[] = [
  ...mutants('SecretsEncrypted', SECRET, [
    ['Properties.KmsKeyId', undefined],
    ['Properties.KmsKeyId', 'alias/aws/secretsmanager'],
    ['Properties.ReplicaRegions', [{ Region: 'eu-west-1' }]],
    ['Properties.KmsKeyId', undefined, { of: 'ownTools', like: 'of the tool example_http' }],
  ]),
  ...mutants('NoSecretInTemplate', SECRET, [
    ['Properties.SecretString', 'hunter2'],
    ['Properties.GenerateSecretString.SecretStringTemplate', '{"user":"x"}', { like: 'PasswordLength' }],
  ]),
  ...mutants('GeneratedSecretLength', SECRET, [
    ['Properties.GenerateSecretString.PasswordLength', 8, { like: 'PasswordLength' }],
    ['Properties.GenerateSecretString', undefined, { like: 'PasswordLength' }],
    ['Properties.GenerateSecretString.ExcludeCharacters', '12345678', { like: 'PasswordLength' }],
    ['Properties.GenerateSecretString.ExcludeLowercase', true, { like: 'PasswordLength' }],
  ]),
  ...mutants('SecretsRetained', SECRET, [
    ['DeletionPolicy', 'Delete', { ...production, like: 'audit chain' }],
    ['DeletionPolicy', 'Delete', { ...production, of: 'ownTools', like: 'of the tool example_http' }],
    ['DeletionPolicy', undefined, { ...production, like: '{\\"tokens\\":[]}' }],
  ]),
  ...mutants('ClientTokensRotate', 'AWS::SecretsManager::RotationSchedule', [
    ['Properties.RotationRules', undefined],
    ['Properties.RotationRules', { AutomaticallyAfterDays: 365 }],
    ['Properties.RotationLambdaARN', 'arn:aws:lambda:elsewhere'],
    ['', undefined],
    ['Properties.SecretId', { Ref: 'SecretsAuditKey7D26F301' }],
  ]),
  ...mutants('TokenReadersRestricted', 'AWS::SecretsManager::ResourcePolicy', [
    ['Properties.BlockPublicPolicy', false, { like: 'SecretsTokens' }],
    ['Properties.ResourcePolicy.Statement', [], { like: 'SecretsTokens' }],
    ...['SecretsTokens', 'ClientTokensClientsci'].flatMap((like): Row[] => [
      [`${deny}.Condition.Bool`, { 'aws:SecureTransport': 'false' }, { like }],
      [`${deny}.Condition.StringNotEquals.aws:PrincipalTag/x`, 'y', { like }],
      [`${deny}.Principal`, { AWS: 'arn:aws:iam::123456789012:role/one' }, { like }],
      [`${deny}.Resource`, ELSEWHERE, { like }],
      [`${deny}.Resource`, { Ref: 'SecretsAuditKey7D26F301' }, { like }],
    ]),
    [`${grantConnect}.Action`, 'secretsmanager:PutResourcePolicy', { like: 'ClientTokensClientsci' }],
    [`${grantConnect}.NotAction`, 'secretsmanager:DeleteSecret', { like: 'ClientTokensClientsci' }],
    [
      `${grantConnect}.Principal`,
      { AWS: 'arn:aws:iam::999999999999:root' },
      { like: 'ClientTokensClientsci' },
    ],
    ['', undefined, { like: 'SecretsTokens' }],
    ...[
      'arn:aws:iam::999999999999:role/other',
      { 'Fn::GetAtt': ['TaskTaskRoleE98524A1', 'Arn'] },
      { 'Fn::GetAtt': ['NetworkVpcFlowLogIAMRole654CF7A1', 'Arn'] },
    ].map((reader): Row => [readers, reader, { like: 'ClientTokensClientsci' }]),
    [readers, { 'Fn::GetAtt': ['TaskExecutionRoleEF964934', 'Arn'] }, { like: 'SecretsTokens' }],
  ]),
  ...mutants('AccessListRestricted', 'AWS::SecretsManager::ResourcePolicy', [
    ...(
      [
        ['', undefined],
        ['Properties.BlockPublicPolicy', false],
        [`${deny}.Condition.Bool`, { 'aws:SecureTransport': 'false' }],
        [`${deny}.Resource`, ELSEWHERE],
        [noWriting, undefined],
        [`${noWriting}.Action`, 'secretsmanager:PutSecretValue'],
        [`${noWriting}.Effect`, 'Allow'],
        [`${noWriting}.Principal`, { AWS: 'arn:aws:iam::123456789012:role/one' }],
        [`${noWriting}.Resource`, ELSEWHERE],
        [`${noWriting}.Condition`, { Bool: { 'aws:SecureTransport': 'false' } }],
        [
          `${noWriting}.Condition`,
          { StringNotEquals: { 'aws:PrincipalArn': [{ 'Fn::GetAtt': ['TaskTaskRoleE98524A1', 'Arn'] }] } },
        ],
      ] as const
    ).map(([path, value]): Row => [path, value, { like: 'SecretsAccessList' }]),
  ]),
  ...mutants('AccessListRestricted', TASK, [
    [`${CONTAINER}.Environment.[Name=MCP_ACCESS_LIST]`, undefined],
    [`${CONTAINER}.Environment.[Name=MCP_ACCESS_LIST].Value`, 'env:LIST'],
  ]),
  ...mutants(
    'AccessListChangesNotify',
    'AWS::Events::Rule',
    (
      [
        ['', undefined],
        ['Properties.State', 'DISABLED'],
        ['Properties.EventBusName', 'other'],
        ['Properties.EventPattern', undefined],
        ['Properties.EventPattern.source', ['aws.s3']],
        ['Properties.EventPattern.detail-type', ['AWS API Call via CloudTrail']],
        [
          'Properties.EventPattern.resources',
          ['arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf'],
        ],
        ['Properties.EventPattern.detail.labelUpdated', ['AWSPENDING']],
        ['Properties.EventPattern.detail.versionId', ['one']],
        ['Properties.EventPattern.account', ['123456789012']],
      ] as const
    ).map(([path, value]): Row => [path, value, { like: 'labelUpdated' }]),
  ),
  ...mutants(
    'AccessListChangesNotify',
    ALARM,
    (
      [
        ['', undefined],
        ['Properties.MetricName', 'Invocations'],
        ['Properties.Statistic', 'Minimum'],
        ['Properties.Threshold', 10],
        ['Properties.ComparisonOperator', 'GreaterThanThreshold'],
        ['Properties.Dimensions.0.Value', 'other-rule'],
      ] as const
    ).map(([path, value]): Row => [path, value, { like: 'MatchedEvents' }]),
  ),
  ...mutants('TasksCannotReadTokens', POLICY, [
    [
      'Properties.PolicyDocument.Statement.0.Resource',
      [{ Ref: 'ClientTokensClientsci5A74FBBA' }],
      { like: 'ReadSecrets' },
    ],
  ]),
  ...mutants('TasksCannotReadTokens', POLICY, [
    [
      'Properties.PolicyDocument.Statement.0.Resource',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:Mcp-test/clients/ci/token-AbCdEf',
      { like: 'ReadSecrets' },
    ],
  ]),
  ...mutants('TasksCannotReadTokens', ROLE, [
    [
      'Properties.Policies',
      [{ PolicyDocument: { Statement: { Resource: { Ref: 'ClientTokensClientsci5A74FBBA' } } } }],
      { like: 'running service' },
    ],
  ]),
  ...mutants('SecretsRetained', KEY, [
    ['DeletionPolicy', 'Delete', { ...production, like: 'secrets of the' }],
  ]),
  ...mutants('KeysRotate', KEY, [
    ['Properties.EnableKeyRotation', false],
    ['Properties.Enabled', false],
    ['Properties.Enabled', 'false'],
    ['Properties.RotationPeriodInDays', 2560],
  ]),
  ...mutants('SecretsKeyViaService', KEY, [
    ['Properties.KeyPolicy.Statement.0.Action', 'kms:*', secretsKey],
    ['Properties.KeyPolicy.Statement.0.Action.0', 'kms:Decrypt', secretsKey],
    ['Properties.KeyPolicy.Statement.0.Action.0', 'kms:Get*', secretsKey],
    ['Properties.KeyPolicy.Statement.2.Condition', undefined, secretsKey],
    [
      'Properties.KeyPolicy.Statement.2.Condition.StringEquals.kms:ViaService',
      'lambda.us-east-1.amazonaws.com',
      secretsKey,
    ],
    ['Properties.KeyPolicy.Statement.3.Condition', undefined, secretsKey],
    ['Properties.KeyPolicy.Statement.3.Condition.ArnLike', undefined, secretsKey],
    [
      'Properties.KeyPolicy.Statement.3.Condition.ArnLike.kms:EncryptionContext:SecretARN',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:*',
      secretsKey,
    ],
  ]),
  ...['log groups', 'archive of'].flatMap((like): Mutant[] =>
    mutants('KeysRetained', KEY, [
      ['DeletionPolicy', 'Delete', { like, of: 'archive' }],
      ['UpdateReplacePolicy', 'Delete', { like, of: 'archive' }],
    ]),
  ),
  ...mutants('KeysNotPublic', KEY, [
    ['Properties.KeyPolicy.Statement.1', { Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt' }],
    ['Properties.KeyPolicy.Statement.1', { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*' }],
    ['Properties.KeyPolicy.Statement.1.Condition', undefined, { like: 'log groups' }],
    [
      'Properties.KeyPolicy.Statement.1',
      { Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'kms:*' },
    ],
    [
      'Properties.KeyPolicy.Statement.1.Condition',
      { StringNotEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      { like: 'alarm notifications' },
    ],
    [
      'Properties.KeyPolicy.Statement.1.Condition',
      { StringEquals: { 'aws:PrincipalTag/x': { Ref: 'AWS::AccountId' } } },
      { like: 'alarm notifications' },
    ],
    ['Properties.KeyPolicy.Statement.0.Principal', { AWS: 'arn:aws:iam::999999999999:root' }],
  ]),
  ...['log groups', 'secrets of the MCP service', 'alarm notifications'].flatMap((like) =>
    mutants('CreateGrantDenied', KEY, [[`${noGrants}`, undefined, { like }]]),
  ),
  ...mutants('CreateGrantDenied', KEY, [
    [`${noGrants}.Effect`, 'Allow'],
    [`${noGrants}.Resource`, 'arn:aws:kms:us-east-1:123456789012:key/other'],
    [`${noGrants}.Action`, 'kms:RevokeGrant'],
    [`${noGrants}.Principal`, { AWS: 'arn:aws:iam::123456789012:role/one' }],
    [`${noGrants}.Condition.BoolIfExists.kms:GrantIsForAWSResource`, 'true'],
    [`${noGrants}.Condition.StringNotEquals`, { 'aws:PrincipalArn': 'arn:aws:iam::123456789012:role/one' }],
  ]),
];

const clients = { like: 'HTTPS clients' };
const secretPolicy = 'Properties.ResourcePolicy.Statement.0';
const added: Mutant[] = [
  ...[['AWS::WAFv2::WebACLAssociation'], ['AWS::EC2::FlowLog'], [ALARM]].flatMap(([type = '']) =>
    mutants('NoDeployTimeLogic', type, [['Condition', 'Never']]),
  ),
  ...mutants('NoDeployTimeLogic', GROUP, [
    ['Properties.SecurityGroupIngress.1', { 'Fn::If': ['Never', everything, everything] }, clients],
  ]),
  ...mutants('NoDeployTimeLogic', SERVICE, [['Properties.Fn::Transform', { Name: 'AWS::Include' }]]),
  ...mutants('NoSecretResolved', FUNCTION, [
    ['Properties.Environment.Variables.X', '{{resolve:secretsmanager:db}}', { like: 'AUDIT_LOG_GROUP' }],
  ]),
  ...['NODE_OPTIONS', 'NODE_TLS_REJECT_UNAUTHORIZED'].flatMap((Name) =>
    mutants('NoRuntimeOverrides', TASK, [[`${CONTAINER}.Environment.0`, { Name, Value: '0' }]]),
  ),
  ...mutants('NoSecretInFunction', FUNCTION, [
    ['Properties.Environment.Variables.DB_PASSWORD', 'hunter2', { like: 'AUDIT_LOG_GROUP' }],
  ]),
  ...mutants('DnsFirewallFailClosed', 'AWS::EC2::EIP', [['Type', 'AWS::Route53Resolver::FirewallConfig']]),
  ...mutants('ImageCommand', TASK, [
    [`${CONTAINER}.EntryPoint`, ['/nodejs/bin/node', '/app/main.cjs']],
    [`${CONTAINER}.Command`, ['--allow-child-process']],
  ]),
  ...mutants('SecretsNotShared', 'AWS::SecretsManager::ResourcePolicy', [
    [
      secretPolicy,
      { Effect: 'Allow', Principal: '*', Action: 'secretsmanager:GetSecretValue', Resource: '*' },
    ],
    [secretPolicy, { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'secretsmanager:*', Resource: '*' }],
  ]),
  ...mutants('NoAccessKeys', ROLE, [
    ['Type', 'AWS::IAM::User'],
    ['Type', 'AWS::IAM::AccessKey'],
  ]),
];

const allowing = (Action: unknown, Resource: unknown, more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const trust = 'Properties.AssumeRolePolicyDocument.Statement';
const LAMBDA = { Service: 'lambda.amazonaws.com' };
const secretsPolicy = { like: 'ReadSecrets' };
const permissions: Mutant[] = [
  ...mutants('NamedActions', POLICY, [
    ['Properties.PolicyDocument.Statement.0.Action', 'secretsmanager:*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.0.Action', '*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.0.Action', 'secretsmanager:Get*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.1.Action', 'kms:De*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.0.NotAction', 'iam:*', secretsPolicy],
  ]),
  ...mutants('TaskRoleAsStated', POLICY, [
    ...[
      allowing('s3:GetObject', 'arn:aws:s3:::b/k'),
      allowing('dynamodb:Query', TABLE_ARN),
      allowing('secretsmanager:PutSecretValue', { Ref: 'SecretsTokens935A2C87' }),
      allowing('secretsmanager:GetSecretValue', ELSEWHERE),
      allowing(['secretsmanager:GetSecretValue', 'sts:AssumeRole'], { Ref: 'SecretsTokens935A2C87' }),
      allowing('kms:Decrypt', { 'Fn::GetAtt': ['SecretsKey9BF95D68', 'Arn'] }),
      allowing('elasticache:Connect', { 'Fn::GetAtt': ['RateLimitStoreCache', 'ARN'] }),
      // Of the service's own secret, and through a service: rights by exclusion are more than that.
      { Effect: 'Allow', NotAction: 's3:*', Resource: { Ref: 'SecretsTokens935A2C87' } },
      {
        ...{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
        Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      },
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', NotResource: ELSEWHERE },
    ].map((statement): Row => ['Properties.PolicyDocument.Statement.2', statement, secretsPolicy]),
    ...[
      ['Action', 'dynamodb:Scan'],
      ['Action', ['dynamodb:Query', 'dynamodb:DeleteItem']],
      ['Resource', [TABLE_ARN, `${TABLE_ARN}-archive`]],
      ['NotResource', `${TABLE_ARN}-archive`],
      ['NotAction', 'dynamodb:DeleteTable'],
    ].map(
      ([part, value]): Row => [
        `Properties.PolicyDocument.Statement.0.${part}`,
        value,
        { of: 'ownTools', like: 'dynamodb:Query' },
      ],
    ),
    [
      'Properties.PolicyDocument.Statement.0.Resource',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf',
      { of: 'ownToolsInside', like: 'ReadToolSecrets' },
    ],
  ]),
  ...mutants('TaskRoleAsStated', ROLE, [
    [
      'Properties.Policies',
      [{ PolicyName: 'x', PolicyDocument: { Statement: allowing('s3:GetObject', 'arn:aws:s3:::b/k') } }],
      { like: 'running service' },
    ],
  ]),
  ...mutants('NamedResources', POLICY, [
    ['Properties.PolicyDocument.Statement.0.Resource', '*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.1.Resource', '*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.0.Resource', 'arn:aws:secretsmanager:*:*:secret:*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.1.Resource', 'arn:aws:kms:*:*:key/*', secretsPolicy],
    ['Properties.PolicyDocument.Statement.0.NotResource', 'arn:aws:s3:::x', secretsPolicy],
    ...[
      'arn:*',
      'arn:aws:s3:::*',
      'arn:aws:secretsmanager:us-east-1:123456789012:*',
      'arn:aws:secretsmanager:us-east-1:123456789012:secret:Mcp-*',
      'arn:aws:iam::123456789012:role/?',
      { 'Fn::Sub': '*' },
      { 'Fn::Join': ['', [{ Ref: 'AWS::AccountId' }, '*']] },
      { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Theirs', 'Arn'] }, '/*']] },
      { Ref: 'BootstrapVersion' },
      { 'Fn::FindInMap': ['All', 'of', 'them'] },
    ].map((resource): Row => ['Properties.PolicyDocument.Statement.0.Resource', resource, secretsPolicy]),
  ]),
  ...mutants('DecryptViaService', POLICY, [
    ['Properties.PolicyDocument.Statement.1.Condition', undefined, secretsPolicy],
    ['Properties.PolicyDocument.Statement.1.Condition.StringEquals.kms:ViaService', undefined, secretsPolicy],
    [
      'Properties.PolicyDocument.Statement.1.Condition.StringEquals.kms:ViaService',
      ['secretsmanager.us-east-1.amazonaws.com', 's3.us-east-1.amazonaws.com'],
      secretsPolicy,
    ],
    [
      'Properties.PolicyDocument.Statement.1',
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholder
        Resource: { 'Fn::Sub': '${SecretsKey9BF95D68.Arn}' },
        Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      },
      secretsPolicy,
    ],
  ]),
  ...mutants('TrustedServicesOnly', ROLE, [
    ['Properties.AssumeRolePolicyDocument.Statement.0.Principal', { AWS: '*' }],
    ['Properties.AssumeRolePolicyDocument.Statement.0.Principal.AWS', 'arn:aws:iam::999999999999:root'],
    ['Properties.AssumeRolePolicyDocument.Statement.0.Condition', undefined, { like: 'running service' }],
    [
      'Properties.AssumeRolePolicyDocument.Statement.0.Condition',
      { StringNotEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      { like: 'running service' },
    ],
    ['Properties.AssumeRolePolicyDocument.Statement.0.Condition', undefined, { like: 'start the task' }],
    ...['running service', 'start the task'].flatMap((like): Row[] => [
      [`${trust}.0.Principal.Service`, ['ecs-tasks.amazonaws.com', 'ec2.amazonaws.com'], { like }],
      [`${trust}.0.Principal.Service`, 'ec2.amazonaws.com', { like }],
      [`${trust}.0.Condition.StringEquals.aws:SourceAccount`, '999999999999', { like }],
      [`${trust}.1`, { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: LAMBDA }, { like }],
    ]),
    [`${trust}.0.Principal.Service`, ['lambda.amazonaws.com', 'ec2.amazonaws.com'], { like: 'rotation' }],
    [`${trust}.1`, { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: LAMBDA }, { like: 'flow logs' }],
  ]),
  ...mutants('NoBroadManagedPolicy', ROLE, [
    ['Properties.ManagedPolicyArns', ['arn:aws:iam::123456789012:policy/Admin']],
    ['Properties.ManagedPolicyArns', ['arn:aws:iam::aws:policy/theirs/AWSLambdaBasicExecutionRole']],
    ['Properties.ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess']],
  ]),
];

const masked = 'DeletionProtectionEnabled';
const masks = 'Properties.DataProtectionPolicy.Configuration';
const delivered = { like: 'ResourcePolicyDocument' };
const delivery = 'Properties.ResourcePolicyDocument.Statement.0';
const destination = 'Properties.ExtendedS3DestinationConfiguration';
const logs: Mutant[] = [
  ...mutants('LogsEncrypted', LOG_GROUP, [['Properties.KmsKeyId', undefined]]),
  ...mutants('LogsRetained', LOG_GROUP, [
    ['Properties.RetentionInDays', undefined],
    ['DeletionPolicy', 'Delete'],
  ]),
  ...mutants('AuditLogProtected', LOG_GROUP, [
    ['Properties.DeletionProtectionEnabled', undefined, { like: 'DeletionProtectionEnabled' }],
    ['Properties.RetentionInDays', 30, { ...production, like: 'DeletionProtectionEnabled' }],
  ]),
  ...mutants('AuditMasked', LOG_GROUP, [
    ['Properties.DataProtectionPolicy', undefined, { like: 'DeletionProtectionEnabled' }],
    ['Properties.DataProtectionPolicy.Configuration', undefined, { like: 'DeletionProtectionEnabled' }],
    ['Properties.DataProtectionPolicy.Statement.1', undefined, { like: 'DeletionProtectionEnabled' }],
    ...[0, 1, 2, 3].map(
      (index): Row => [`${masks}.CustomDataIdentifier.${index}.Regex`, 'x', { like: masked }],
    ),
    [
      'Properties.DataProtectionPolicy.Statement.1.DataIdentifier.4',
      'arn:aws:dataprotection::aws:data-identifier/EmailAddress',
      { like: masked },
    ],
    ...[0, 1, 2, 3].map(
      (index): Row => [
        `Properties.DataProtectionPolicy.Statement.1.DataIdentifier.${index}`,
        undefined,
        { like: masked },
      ],
    ),
  ]),
  ...mutants('LogsNotShared', LOG_GROUP, [
    [`${delivery}.Principal`, '*', delivered],
    [`${delivery}.Principal`, { AWS: 'arn:aws:iam::999999999999:root' }, delivered],
    [`${delivery}.Condition`, undefined, delivered],
    [`${delivery}.Condition.StringEquals.aws:SourceAccount`, '999999999999', delivered],
    ['Properties.ResourcePolicyDocument', '{', delivered],
  ]),
  ...mutants('LogsNotShared', 'AWS::Logs::SubscriptionFilter', [
    ['Properties.DestinationArn', 'arn:aws:logs:us-east-1:999999999999:destination:x', { of: 'archive' }],
  ]),
  ...mutants('ArchiveLocked', BUCKET, [
    ['Properties.ObjectLockConfiguration', undefined, { of: 'archive', like: 'ObjectLock' }],
    [
      'Properties.ObjectLockConfiguration.Rule.DefaultRetention.Mode',
      'GOVERNANCE',
      { of: 'archive', like: 'ObjectLock' },
    ],
    ['Properties.ObjectLockEnabled', false, { of: 'archive', like: 'ObjectLock' }],
    [
      'Properties.ObjectLockConfiguration.Rule.DefaultRetention.Days',
      364,
      { of: 'archive', like: 'ObjectLock', ...production },
    ],
  ]),
  ...mutants('ArchiveLocked', 'AWS::KinesisFirehose::DeliveryStream', [
    ['Properties.ExtendedS3DestinationConfiguration.EncryptionConfiguration', undefined, { of: 'archive' }],
    ['Properties.DeliveryStreamEncryptionConfigurationInput', undefined, { of: 'archive' }],
    [
      `${destination}.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN`,
      { 'Fn::GetAtt': ['LogKey3EBDB3E8', 'Arn'] },
      { of: 'archive' },
    ],
  ]),
  ...mutants('ArchiveLocked', TOPIC, [
    ['Properties.KmsMasterKeyId', { 'Fn::GetAtt': ['ArchiveKey3EF5EDE5', 'Arn'] }, { of: 'archive' }],
  ]),
  ...mutants('ArchiveComplete', 'AWS::Logs::SubscriptionFilter', [
    ['', undefined, { of: 'archive' }],
    ['Properties.FilterPattern', '{ $.tool = "never" }', { of: 'archive' }],
    ['Properties.LogGroupName', { Ref: 'ArchiveErrors408CF710' }, { of: 'archive' }],
  ]),
  ...mutants('ArchiveComplete', 'AWS::KinesisFirehose::DeliveryStream', [
    [`${destination}.ProcessingConfiguration.Enabled`, false, { of: 'archive' }],
    [`${destination}.ProcessingConfiguration.Processors.0`, undefined, { of: 'archive' }],
    [
      `${destination}.ProcessingConfiguration.Processors.1.Parameters.0.ParameterValue`,
      'false',
      { of: 'archive' },
    ],
    [`${destination}.ProcessingConfiguration.Processors.3`, { Type: 'Lambda' }, { of: 'archive' }],
  ]),
  ...mutants('ArchiveWritable', POLICY, [
    ...['firehose:PutRecord', 'firehose:PutRecordBatch'].map(
      (action): Row => [
        'Properties.PolicyDocument.Statement.[Sid=WriteToStream].Action',
        action,
        { of: 'archive', like: 'WriteToStream' },
      ],
    ),
    ...['kms:GenerateDataKey', 'kms:Decrypt'].map(
      (action): Row => [
        'Properties.PolicyDocument.Statement.[Sid=EncryptInStream].Action',
        action,
        { of: 'archive', like: 'EncryptInStream' },
      ],
    ),
    [
      'Properties.PolicyDocument.Statement.[Sid=EncryptInStream].Resource',
      { 'Fn::GetAtt': ['LogKey3EBDB3E8', 'Arn'] },
      { of: 'archive', like: 'EncryptInStream' },
    ],
    ['', undefined, { of: 'archive', like: 'WriteToStream' }],
  ]),
  ...mutants('ArchiveWritable', 'AWS::Logs::SubscriptionFilter', [
    ['Properties.RoleArn', { 'Fn::GetAtt': ['ArchiveDeliveryRoleC77E30EA', 'Arn'] }, { of: 'archive' }],
  ]),
  ...['DeliveryErrors', 'DeliveryThrottling', 'DataFreshness'].flatMap((like) =>
    mutants('ArchiveAlarms', ALARM, [
      ['', undefined, { of: 'archive', like }],
      ['Properties.Dimensions', [], { of: 'archive', like }],
    ]),
  ),
  // Without a name of our own CloudFormation makes one, which the alarms would not know.
  ...mutants('ArchiveAlarms', 'AWS::Logs::SubscriptionFilter', [
    ['Properties.FilterName', undefined, { of: 'archive' }],
    ['Properties.FilterName', 'another', { of: 'archive' }],
  ]),
  ...mutants('ArchiveAlarms', 'AWS::Logs::MetricFilter', [
    ['', undefined, { of: 'archive', like: 'ArchiveWriteFailed' }],
    ['Properties.FilterPattern', 'timeout', { of: 'archive', like: 'ArchiveWriteFailed' }],
  ]),
  ...mutants('ArchiveAlarms', 'AWS::KinesisFirehose::DeliveryStream', [
    [`${destination}.CloudWatchLoggingOptions.Enabled`, false, { of: 'archive' }],
  ]),
  ...mutants('LogMetricsAlarmed', ALARM, [['', undefined, { of: 'archive', like: '-ArchiveWriteFailed"' }]]),
  ...['denied', 'rate_limited', 'error', 'secret_refresh_failed', 'audit_backpressure'].flatMap((word) =>
    mutants('AuditMetrics', 'AWS::Logs::MetricFilter', [['', undefined, { like: word }]]),
  ),
  ...mutants('AuditMetrics', 'AWS::Logs::MetricFilter', [
    ['Properties.LogGroupName', 'elsewhere', { like: 'denied' }],
    ['Properties.FilterPattern', '{ $.outcome = "ok" }', { like: 'denied' }],
  ]),
  ...['DeniedCalls', 'RateLimitedCalls', 'FailedCalls', 'SecretRefreshFailed', 'AuditBackpressure'].flatMap(
    (name) => mutants('LogMetricsAlarmed', ALARM, [['', undefined, { like: `-${name}"` }]]),
  ),
  ...mutants('AlarmsNotifyTopic', ALARM, [
    ['Properties.ActionsEnabled', false],
    ['Properties.ActionsEnabled', 'false'],
    ['Properties.AlarmActions', []],
    ['Properties.OKActions', undefined],
    ['Properties.AlarmDescription', 'Help'],
  ]),
  ...mutants('AlarmsBySeverity', ALARM, [
    ['Properties.AlarmDescription', 'Tasks fail. Runbook: X in RUNBOOK.md'],
    ['Properties.AlarmDescription', '[urgent] Tasks fail. Runbook: X in RUNBOOK.md'],
    ['Properties.AlarmDescription', '[low] Tasks fail. Runbook: X in RUNBOOK.md', { like: '[high]' }],
    ['Properties.AlarmDescription', '[high] CPU is high. Runbook: X in RUNBOOK.md', { like: '[medium]' }],
    ...['AlarmActions', 'OKActions'].flatMap((actions): Row[] => [
      [`Properties.${actions}`, [PAGES], { like: '[medium]' }],
      [`Properties.${actions}`, [{ Ref: 'X' }, PAGES], { like: '[low]' }],
      [`Properties.${actions}`, [TICKETS], { like: '[high]' }],
    ]),
  ]),
  ...[
    'LoadBalancerErrors',
    'TargetErrors',
    'UnhealthyTasks',
    'TooFewTasks',
    'RejectedConnections',
    'HighLatency',
    'HighCpu',
    'HighMemory',
    'BlockedRequests',
  ].flatMap((name) => mutants('CoreAlarms', ALARM, [['', undefined, { like: `-${name}"` }]])),
];

const storage: Mutant[] = [
  ...mutants('BucketsPrivate', BUCKET, [
    ['Properties.PublicAccessBlockConfiguration', undefined],
    ['Properties.PublicAccessBlockConfiguration.BlockPublicPolicy', false],
    ['Properties.OwnershipControls', undefined],
  ]),
  ...mutants('BucketsTlsOnly', 'AWS::S3::BucketPolicy', [
    ['', undefined],
    ['Properties.PolicyDocument.Statement.0', undefined],
    ['Properties.PolicyDocument.Statement.0.Action', 's3:GetObject'],
    ['Properties.PolicyDocument.Statement.0.Principal', { AWS: 'arn:aws:iam::123456789012:role/one' }],
    ['Properties.PolicyDocument.Statement.0.Condition.StringEquals', { 'aws:PrincipalAccount': '1' }],
    ['Properties.PolicyDocument.Statement.0.Resource', { 'Fn::GetAtt': ['AccessLogs247031D9', 'Arn'] }],
    ['Properties.PolicyDocument.Statement.0.Resource', 'arn:aws:s3:::other'],
    ['Properties.PolicyDocument.Statement.1', undefined],
    ['Properties.PolicyDocument.Statement.1.Condition.NumericLessThan.s3:TlsVersion', 1.1],
  ]),
  ...mutants('BucketsNotShared', 'AWS::S3::BucketPolicy', [
    ['Properties.PolicyDocument.Statement.3.Principal.AWS', 'arn:aws:iam::999999999999:root'],
    ['Properties.PolicyDocument.Statement.3.Principal.AWS', '*'],
    ['Properties.PolicyDocument.Statement.3.Action', 's3:GetObject'],
    ['Properties.PolicyDocument.Statement.3.Resource', { 'Fn::GetAtt': ['AccessLogs247031D9', 'Arn'] }],
    ['Properties.PolicyDocument.Statement.3.Principal', { CanonicalUser: '79a59df9' }],
    ['Properties.PolicyDocument.Statement.3.Principal', { Service: 'cloudfront.amazonaws.com' }],
    ['Properties.PolicyDocument.Statement.2.Condition', undefined],
    [
      'Properties.PolicyDocument.Statement.2.Condition',
      { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::theirs' } },
    ],
    ['Properties.PolicyDocument.Statement.4.Action', 's3:GetObject'],
    ['Properties.PolicyDocument.Statement.4.Resource', undefined],
    ['Properties.PolicyDocument.Statement.4.Resource', { 'Fn::GetAtt': ['AccessLogs247031D9', 'Arn'] }],
  ]),
  ...mutants('SubscriptionsEncrypted', 'AWS::SNS::Subscription', [['Properties.Protocol', 'http']]),
  ...mutants('BucketsRetained', BUCKET, [
    ['Properties.BucketEncryption', undefined],
    ['Properties.VersioningConfiguration.Status', 'Suspended'],
    ['Properties.LifecycleConfiguration', undefined],
    ['DeletionPolicy', 'Delete'],
  ]),
  ...['pages', 'tickets'].flatMap((like) =>
    mutants('TopicsEncrypted', TOPIC, [
      ['Properties.KmsMasterKeyId', undefined, { like }],
      ['Properties.KmsMasterKeyId', 'alias/aws/sns', { like }],
    ]),
  ),
  ...['PageTopic', 'TicketTopic'].flatMap((like) =>
    mutants('TopicsTlsOnly', 'AWS::SNS::TopicPolicy', [
      ['', undefined, { like }],
      ['Properties.PolicyDocument.Statement.0', undefined, { like }],
      ['Properties.PolicyDocument.Statement.0.Action', 'sns:Subscribe', { like }],
      ['Properties.PolicyDocument.Statement.1.Condition', undefined, { like }],
      ['Properties.PolicyDocument.Statement.0.Resource', 'arn:aws:sns:us-east-1:123456789012:x', { like }],
      [
        'Properties.PolicyDocument.Statement.1.Condition',
        { StringNotEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
        { like },
      ],
    ]),
  ),
  ...mutants('BucketsLogged', BUCKET, [
    ['Properties.LoggingConfiguration', undefined],
    ['Properties.LoggingConfiguration.LogFilePrefix', undefined],
    ['Properties.LoggingConfiguration.DestinationBucketName', 'elsewhere'],
    ['Properties.LoggingConfiguration', undefined, { of: 'archive', like: 'ObjectLock' }],
  ]),
];

const PERMISSION = 'AWS::Lambda::Permission';
const functions: Mutant[] = [
  ...mutants('FunctionsNotPublic', PERMISSION, [
    ['Properties.Principal', '*'],
    ['Properties.Principal', '123456789012'],
    ['Properties.SourceAccount', undefined, { like: 'SourceAccount' }],
    ['Properties.SourceAccount', '999999999999', { like: 'SourceAccount' }],
    ['Properties.SourceArn', 'arn:aws:events:*:*:rule/*', { like: 'ClientTokensUpkeep' }],
  ]),
  ...['AuditCheckSchedule', '"ClientTokensUpkeep'].flatMap((like) =>
    mutants('EventBridgeMayInvoke', PERMISSION, [
      ['Properties.SourceAccount', { Ref: 'AWS::AccountId' }, { like }],
      ['Properties.SourceArn', undefined, { like }],
    ]),
  ),
  ...mutants('FunctionsSupported', FUNCTION, [['Properties.Runtime', 'nodejs18.x']]),
  ...['AUDIT_LOG_GROUP', 'CLIENT_SECRET_PREFIX'].flatMap((like) =>
    mutants('DeadLetterTargetSet', FUNCTION, [
      ['Properties.DeadLetterConfig', undefined, { like }],
      ['Properties.DeadLetterConfig.TargetArn', 'arn:aws:sns:us-east-1:999999999999:theirs', { like }],
    ]),
  ),
  ...mutants('DeadLetterTargetSet', POLICY, [
    ['Properties.PolicyDocument.Statement.[Sid=SendDeadLetters]', undefined, { like: 'ReadAuditRecords' }],
    [
      'Properties.PolicyDocument.Statement.[Sid=SendDeadLetters].Action',
      'sns:Subscribe',
      { like: 'RotateTokens' },
    ],
    ['Properties.PolicyDocument.Statement.[Sid=EncryptDeadLetters]', undefined, { like: 'RotateTokens' }],
    [
      'Properties.PolicyDocument.Statement.[Sid=EncryptDeadLetters].Action',
      'kms:Decrypt',
      { like: 'ReadAuditRecords' },
    ],
  ]),
  ...mutants('DeadLetterTargetSet', 'AWS::Lambda::EventInvokeConfig', [
    ['', undefined],
    ['Properties.MaximumEventAgeInSeconds', 21_600],
    ['Properties.MaximumEventAgeInSeconds', undefined],
  ]),
  ...mutants('AuditChainChecked', FUNCTION, [
    ['', undefined, { like: 'AUDIT_LOG_GROUP' }],
    ['Properties.Environment.Variables.AUDIT_LOG_GROUP', 'elsewhere', { like: 'AUDIT_LOG_GROUP' }],
    ['Properties.LoggingConfig', undefined, { like: 'AUDIT_LOG_GROUP' }],
  ]),
  ...mutants('AuditChainChecked', POLICY, [
    ['', undefined, { like: 'ReadAuditRecords' }],
    [
      'Properties.PolicyDocument.Statement.[Sid=ReadAuditRecords].Action',
      'logs:FilterLogEvents',
      { like: 'ReadAuditRecords' },
    ],
  ]),
  ...mutants('AuditChainChecked', 'AWS::Events::Rule', [
    ['', undefined, { like: 'audit log' }],
    ['Properties.State', 'DISABLED', { like: 'audit log' }],
    ['Properties.ScheduleExpression', 'rate(1 day)', { like: 'audit log' }],
    ['Properties.ScheduleExpression', 'rate(11 minutes)', { like: 'audit log' }],
    ['Properties.ScheduleExpression', 'rate(1 hour)', { like: 'audit log' }],
    ['Properties.ScheduleExpression', 'cron(0 * * * ? *)', { like: 'audit log' }],
    ['Properties.Targets', [], { like: 'audit log' }],
  ]),
  ...mutants('AuditChainChecked', PERMISSION, [['', undefined, { like: 'AuditCheckSchedule' }]]),
  ...mutants('AuditChainChecked', 'AWS::Logs::MetricFilter', [
    ['', undefined, { like: 'audit_chain_broken' }],
    ['Properties.LogGroupName', { Ref: 'AuditLog208ED862' }, { like: 'audit_chain_broken' }],
  ]),
  ...['AuditChainBroken', 'AuditCheckFailed', 'AuditCheckMissing'].flatMap((name) =>
    mutants('AuditChainChecked', ALARM, [['', undefined, { like: `-${name}"` }]]),
  ),
];

const reconcile = { like: 'Brings the list of client tokens' };
const rotates = { like: 'CLIENT_SECRET_PREFIX' };
const rotation: Mutant[] = [
  ...mutants('RotationRuns', 'AWS::Events::Rule', [
    ['', undefined, reconcile],
    ['Properties.State', 'DISABLED', reconcile],
    ['Properties.ScheduleExpression', 'rate(1 day)', reconcile],
  ]),
  ...mutants('RotationRuns', PERMISSION, [
    ['', undefined, { like: '"ClientTokensUpkeep' }],
    ['', undefined, { like: 'secretsmanager' }],
  ]),
  ...mutants('RotationRuns', ALARM, [['', undefined, { like: '-RotationFailed"' }]]),
  ...mutants('RotationRuns', FUNCTION, [
    ...['87600', '0', '73', '1e1', ''].map(
      (hours): Row => ['Properties.Environment.Variables.GRACE_PERIOD_HOURS', hours, rotates],
    ),
    ['Properties.Environment.Variables.CLIENTS', '{"other":{"scopes":[]}}', rotates],
    ['Properties.ReservedConcurrentExecutions', 0, rotates],
    ['Properties.LoggingConfig', undefined, rotates],
    ['', undefined, rotates],
  ]),
];

const rules = 'Properties.Rules';
const named = (name: string) => `${rules}.[Name=${name}]`;
const common = `${named('AWSManagedRulesCommonRuleSet')}.Statement.ManagedRuleGroupStatement`;
const badInputs = `${named('AWSManagedRulesKnownBadInputsRuleSet')}.Statement.ManagedRuleGroupStatement`;
const firewall: Mutant[] = [
  ...mutants('FirewallAssociated', 'AWS::WAFv2::WebACLAssociation', [
    ['', undefined],
    ['Properties.WebACLArn', 'arn:aws:wafv2:elsewhere'],
  ]),
  ...mutants('FirewallAssociated', LISTENER, [['DependsOn', undefined]]),
  ...mutants('FirewallLogged', 'AWS::WAFv2::LoggingConfiguration', [
    ['', undefined],
    ['Properties.RedactedFields', undefined],
    ['Properties.RedactedFields.1', undefined],
    ['Properties.LoggingFilter.Filters', []],
    ['Properties.LogDestinationConfigs', ['arn:aws:logs:us-east-1:1:log-group:x']],
  ]),
  ...mutants('FirewallLogged', LOG_GROUP, [
    ['Properties.LogGroupName', '/aws/wafv2', { like: 'aws-waf-logs' }],
  ]),
  ...mutants('FirewallMetrics', ACL, [
    ['Properties.VisibilityConfig.CloudWatchMetricsEnabled', false],
    [`${rules}.0.VisibilityConfig.CloudWatchMetricsEnabled`, false],
  ]),
  ...mutants('RatePerAddress', ACL, [
    [named('RateLimitPerIp'), undefined],
    [`${named('RateLimitPerIp')}.Action`, { Count: {} }],
    [`${named('RateLimitPerIp')}.Statement.RateBasedStatement.Limit`, 2_000_000],
    [
      `${named('RateLimitPerIp')}.Statement.RateBasedStatement`,
      { AggregateKeyType: 'IP', Limit: 10_000, EvaluationWindowSec: 60 },
    ],
  ]),
  ...mutants('RatePerAddress', ACL, [
    [named('RateLimitPerToken'), undefined, { of: 'knownClients' }],
    [`${named('RateLimitPerToken')}.Action`, { Count: {} }, { of: 'knownClients' }],
    [`${named('RateLimitPerToken')}.Statement.RateBasedStatement.Limit`, 100_000, { of: 'knownClients' }],
    [
      `${named('RateLimitPerIp')}.Statement.RateBasedStatement.ScopeDownStatement.NotStatement.Statement.AndStatement.Statements.1`,
      undefined,
      { of: 'knownClients' },
    ],
  ]),
  ...mutants('RatePerTool', ACL, [
    [named('RateLimitPerIpAndTool'), undefined],
    [`${named('RateLimitPerIpAndTool')}.Action`, { Count: {} }],
    [`${named('RateLimitPerIpAndTool')}.Statement.RateBasedStatement.CustomKeys.0`, undefined],
    [`${named('RateLimitPerIpAndTool')}.Statement.RateBasedStatement.CustomKeys.1.Header.Name`, 'x-any'],
  ]),
  ...mutants('NoAllowBeforeBlock', ACL, [
    [`${rules}.0.Action`, { Allow: {} }],
    [`${badInputs}.RuleActionOverrides.0.ActionToUse`, { Allow: {} }],
  ]),
  ...mutants('PositiveSecurityModel', ACL, [
    [named('UnknownHost'), undefined],
    [named('UnknownPath'), undefined],
    [named('McpMethod'), undefined],
    [`${named('UnknownPath')}.Action`, { Count: {} }],
    [`${named('UnknownPath')}.Priority`, 500],
  ]),
  ...mutants('FirewallLogsRedacted', ACL, [
    ['Properties.DataProtectionConfig', undefined],
    ['Properties.DataProtectionConfig.DataProtections.0', undefined],
    ['Properties.DataProtectionConfig.DataProtections.2', undefined],
  ]),
  ...mutants('UnauthenticatedRateLimit', ACL, [
    [named('RateLimitPerIpWithoutToken'), undefined],
    [`${named('RateLimitPerIpWithoutToken')}.Statement.RateBasedStatement.Limit`, 100_000],
    [named('RateLimitTotal'), undefined],
    [`${named('RateLimitTotal')}.Action`, { Count: {} }],
  ]),
  ...mutants('BodyRulesBlockElsewhere', ACL, [
    [named('BodyRulesElsewhere'), undefined],
    [`${named('BodyRulesElsewhere')}.Action`, { Count: {} }],
  ]),
  ...mutants('ManagedRules', ACL, [
    [named('AWSManagedRulesAmazonIpReputationList'), undefined],
    [named('AWSManagedRulesKnownBadInputsRuleSet'), undefined],
    [named('AWSManagedRulesCommonRuleSet'), undefined],
    [`${named('AWSManagedRulesCommonRuleSet')}.OverrideAction`, { Count: {} }],
    [`${badInputs}.ScopeDownStatement`, { ByteMatchStatement: { SearchString: 'x' } }],
  ]),
  ...mutants('BodyRulesCounted', ACL, [
    [`${common}.RuleActionOverrides`, undefined],
    [`${common}.RuleActionOverrides.[Name=GenericLFI_BODY].ActionToUse`, { Block: {} }],
    [`${badInputs}.RuleActionOverrides.[Name=Log4JRCE_BODY].ActionToUse`, { Block: {} }],
  ]),
  ...mutants('HeaderRulesCounted', ACL, [
    [`${common}.RuleActionOverrides.[Name=NoUserAgent_HEADER]`, undefined],
    [`${common}.RuleActionOverrides.[Name=CrossSiteScripting_COOKIE].ActionToUse`, { Block: {} }],
  ]),
];

const LISTENER_RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const NEVER = { ByteMatchStatement: { SearchString: 'never' } };
const known: Partial<Mutant> = { of: 'knownClients' };
const statement = (name: string) => `Properties.Rules.[Name=${name}].Statement`;
/** Changes that an external reviewer looked for, and for which there was no rule. */
const found: Mutant[] = [
  ...mutants('HttpsIngressOnly', GROUP, [
    [
      'Properties.SecurityGroupIngress.1',
      { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '52.0.0.0/8' },
      { like: 'HTTPS clients' },
    ],
  ]),
  ...mutants('NoPublicAddress', 'AWS::EC2::Route', [
    ['Properties.GatewayId', 'igw-0123', { like: 'NatGatewayId' }],
  ]),
  ...mutants('ManagedRules', ACL, [
    [
      'Properties.Rules.[Name=AWSManagedRulesCommonRuleSet].Statement.ManagedRuleGroupStatement.ExcludedRules',
      [{ Name: 'GenericLFI_URIPATH' }],
    ],
  ]),
  ...mutants('OnlyProtocolForwarded', LISTENER_RULE, [
    ['Properties.Conditions.0.PathPatternConfig.RegexValues', ['.*']],
  ]),
  ...mutants('AuditMetrics', 'AWS::Logs::MetricFilter', [
    [
      'Properties.FilterPattern',
      '{ ($.type = "audit") && ($.outcome = "denied") && ($.tool = "never") }',
      { like: '"denied' },
    ],
  ]),
  ...mutants('NoDeployTimeLogic', GROUP, [
    [
      'Properties.SecurityGroupIngress.0.CidrIp',
      { 'Fn::FindInMap': ['M', 'a', 'b'] },
      { like: 'HTTPS clients' },
    ],
    ['Properties.SecurityGroupIngress.0.CidrIp', { 'Fn::ImportValue': 'cidr' }, { like: 'HTTPS clients' }],
    ['Properties.SecurityGroupIngress.0.CidrIp', '{{resolve:ssm:/cidr}}', { like: 'HTTPS clients' }],
  ]),
  ...mutants('NoDeployTimeLogic', 'AWS::EC2::EIP', [['Type', 'AWS::CloudFormation::Stack']]),
  ...mutants('HttpsIngressOnly', GROUP, [
    ...[{ Ref: 'Cidr' }, { 'Fn::Join': ['', ['0.0.0.0', '/0']] }].map(
      (CidrIp): Row => [
        'Properties.SecurityGroupIngress.1',
        { IpProtocol: '-1', CidrIp },
        { like: 'HTTPS clients' },
      ],
    ),
  ]),
  ...mutants('SecurityGroupsNamed', 'AWS::EC2::SecurityGroupIngress', [
    ['Properties.GroupId', { 'Fn::Sub': 'Group' }],
    ['Properties.GroupId', { 'Fn::GetAtt': ['NetworkVpc7FB7348F', 'DefaultSecurityGroup'] }],
  ]),
  ...mutants('NamedEgress', GROUP, [
    [
      'Properties.SecurityGroupEgress.0',
      { IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIp: '8.8.8.8/32' },
      { like: 'MCP tasks' },
    ],
  ]),
  ...mutants('UnlistedNamesBlocked', 'AWS::Route53Resolver::FirewallRuleGroup', [
    ['Properties.FirewallRules.2.BlockResponse', 'OVERRIDE'],
    ['Properties.FirewallRules.0.FirewallDomainListId', 'rslvr-fdl-0123456789abcdef'],
  ]),
  ...mutants('UnlistedNamesBlocked', 'AWS::Route53Resolver::FirewallDomainList', [
    ['Properties.Domains', ['*.com'], { like: 'example.com' }],
    ['Properties.Domains', undefined, { like: 'example.com' }],
  ]),
  ...mutants('NoForeignDnsFirewall', 'AWS::Route53Resolver::FirewallRuleGroupAssociation', [
    ['Properties.FirewallRuleGroupId', 'rslvr-frg-0123'],
  ]),
  ...mutants('EndpointPoliciesRestricted', 'AWS::EC2::VPCEndpoint', [
    ['Properties.PolicyDocument', undefined, { of: 'endpoints' }],
    ['Properties.PolicyDocument.Statement.0.Condition', undefined, { of: 'endpoints' }],
    ['Properties.PolicyDocument.Statement.0.Resource', '*', { of: 'endpoints', like: 'Gateway' }],
  ]),
  ...mutants('ForwardedForAppended', BALANCER, [
    [attribute('LoadBalancerAttributes', 'routing.http.xff_header_processing.mode'), 'preserve'],
    [attribute('LoadBalancerAttributes', 'routing.http.xff_header_processing.mode'), 'remove'],
    [attribute('LoadBalancerAttributes', 'routing.http.xff_client_port.enabled'), 'true'],
  ]),
  ...mutants('ResponseHeaders', LISTENER, [
    [
      attribute('ListenerAttributes', 'routing.http.response.content_security_policy.header_value'),
      "default-src 'none'; script-src *",
    ],
    [
      'Properties.ListenerAttributes.5',
      { Key: 'routing.http.response.access_control_allow_origin.header_value', Value: '*' },
    ],
  ]),
  ...mutants('OnlyProtocolForwarded', LISTENER_RULE, [
    ['Properties.Actions.0', { Type: 'forward', TargetGroupArn: 'arn:aws:elasticloadbalancing:elsewhere' }],
    ['Properties.Actions.0', { Type: 'redirect', RedirectConfig: { Host: 'evil.example' } }],
    ['Properties.Transforms', [{ Type: 'url-rewrite' }]],
  ]),
  ...mutants('AudienceVerified', LISTENER_RULE, [
    [
      'Properties.Actions.0.JwtValidationConfig.AdditionalClaims.0.Values',
      ['anything'],
      { ...known, like: 'jwt' },
    ],
    ['Properties.Actions.0.JwtValidationConfig.Issuer', 'https://evil.example/', { ...known, like: 'jwt' }],
  ]),
  ...mutants('CertificatesVerified', LISTENER, [
    ['Properties.MutualAuthentication', { Mode: 'off' }, known],
    ['Properties.MutualAuthentication.Mode', 'passthrough', known],
    ['Properties.MutualAuthentication.IgnoreClientCertificateExpiry', true, known],
  ]),
  ...mutants('WafRulesUnmodified', ACL, [
    ...['UnknownHost', 'UnknownPath', 'McpMethod', 'QueryString', 'BodyRulesElsewhere'].map(
      (name): Row => [statement(name), NEVER],
    ),
    ...['PerIpAndTool', 'PerIpWithoutToken', 'Total'].map(
      (name): Row => [`${statement(`RateLimit${name}`)}.RateBasedStatement.ScopeDownStatement`, NEVER],
    ),
    ['Properties.Rules.[Name=QueryString]', undefined],
    ['Properties.Rules.[Name=QueryString].Action', { Count: {} }],
    ['Properties.Rules.[Name=MetadataMethod]', undefined, known],
  ]),
  ...mutants('FirewallLogged', 'AWS::WAFv2::LoggingConfiguration', [
    ['Properties.LoggingFilter.Filters.0.Requirement', 'MEETS_ALL'],
    ['Properties.LoggingFilter.Filters.1', { Behavior: 'DROP' }],
    ['Properties.LoggingFilter.DefaultBehavior', 'KEEP'],
  ]),
  ...mutants('FirewallLogsRedacted', ACL, [
    ['Properties.DataProtectionConfig.DataProtections.2.ExcludeRuleMatchDetails', true],
  ]),
  ...mutants('NoRuntimeOverrides', FUNCTION, [
    ['Properties.Environment.Variables.NODE_OPTIONS', '--require /opt/x.js', { like: 'AUDIT_LOG_GROUP' }],
    ['Properties.Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER', '/opt/x', { like: 'AUDIT_LOG_GROUP' }],
    ['Properties.Layers', ['arn:aws:lambda:us-east-1:999999999999:layer:x:1'], { like: 'AUDIT_LOG_GROUP' }],
  ]),
  ...['LD_PRELOAD', 'SSL_CERT_FILE', 'OPENSSL_CONF', 'AWS_ENDPOINT_URL'].flatMap((Name) =>
    mutants('NoRuntimeOverrides', TASK, [[`${CONTAINER}.Environment.0`, { Name, Value: 'x' }]]),
  ),
  ...mutants('MinimumTwoTasks', 'AWS::ApplicationAutoScaling::ScalableTarget', [
    ['Properties.ScheduledActions', [{ ScalableTargetAction: { MinCapacity: 0 } }]],
    ['Properties.SuspendedState', { DynamicScalingOutSuspended: true }],
  ]),
  ...mutants('PinnedImage', TASK, [
    [`${CONTAINER}.Image`, `attacker.example/cdk-x-container-assets:${'a'.repeat(64)}`],
  ]),
  ...mutants('AlarmsWellFormed', ALARM, [
    ['Properties.TreatMissingData', 'notBreaching', { like: '"HealthyHostCount"' }],
    ['Properties.ComparisonOperator', 'LessThanThreshold', { like: 'AuditChainBroken' }],
    ['Properties.Dimensions', [{ Name: 'LoadBalancer', Value: 'app/other/1' }], { like: 'Target_5XX' }],
  ]),
  ...mutants('CoreAlarms', ALARM, [['Properties.Namespace', 'AWS/ELB', { like: 'Target_5XX' }]]),
  ...mutants('LogMetricsAlarmed', 'AWS::Logs::MetricFilter', [
    ['Properties.MetricTransformations.0.MetricValue', '0', { like: 'denied' }],
  ]),
  ...mutants('MetricDimensionsBounded', 'AWS::Logs::MetricFilter', [
    ['Properties.MetricTransformations.0.Dimensions', [{ Key: 'Tool', Value: '$.tool' }], { like: 'denied' }],
    // CloudWatch reads a star as any text.
    [
      'Properties',
      {
        FilterPattern: '{ ($.type = "audit") && ($.tool = "*") }',
        MetricTransformations: [{ MetricName: 'Calls', Dimensions: [{ Key: 'Tool', Value: '$.tool' }] }],
      },
      { like: 'denied' },
    ],
  ]),
  ...mutants('FeatureAlarms', ALARM, [
    ['Properties.MetricName', 'Other', { like: 'DnsQueriesBlocked' }],
    ['Properties.MetricName', 'Other', { ...known, like: 'IssuerKeysFailed' }],
    ['Properties.MetricName', 'Other', { of: 'endpoints', like: 'ApiKeyAgeDays' }],
  ]),
];
const CACHE = 'AWS::ElastiCache::ServerlessCache';
const CACHE_USER = 'AWS::ElastiCache::User';
const store: Mutant[] = [
  ...mutants('StoreEncrypted', CACHE, [
    ['Properties.Engine', 'memcached'],
    ['Properties.KmsKeyId', undefined],
    ['Properties.KmsKeyId', 'alias/aws/elasticache'],
    ['Properties.ConnectionType', 'public'],
  ]),
  ...mutants('StoreIamAuthentication', CACHE, [
    ['Properties.UserGroupId', undefined],
    ['Properties.UserGroupId', 'theirs'],
  ]),
  ...mutants('StoreIamAuthentication', 'AWS::ElastiCache::UserGroup', [
    ['Properties.Engine', 'redis'],
    ['Properties.UserIds.1', 'default'],
  ]),
  ...mutants('StoreIamAuthentication', CACHE_USER, [
    ['Properties.AuthenticationMode', undefined],
    ['Properties.AuthenticationMode', { Type: 'no-password-required' }],
    ['Properties.AuthenticationMode', { Type: 'password', Passwords: ['hunter2hunter2hunter2'] }],
    ['Properties.Passwords', ['hunter2hunter2hunter2']],
    ['Properties.NoPasswordRequired', true],
    ['Properties.UserName', 'default'],
  ]),
  ...mutants(
    'StoreLeastAccess',
    CACHE_USER,
    [
      undefined,
      'on ~* +@all',
      'on ~* -@all +eval',
      'on allkeys -@all +eval',
      'on %R~* -@all +eval',
      'on ~mcp:* +@all',
      'on ~mcp:* allcommands',
      'on ~mcp:* +eval',
      'on ~mcp:* -@all +@scripting',
      'on ~mcp:* -@all +eval +flushall',
      'on ~mcp:* -@all +eval +config|get',
      'on ~mcp:* -@all +eval &*',
      'on ~mcp:* -@all nopass +eval',
      'on ~mcp:* -@all +eval (~* +@read)',
    ].map((value): Row => ['Properties.AccessString', value]),
  ),
  ...mutants('StoreOnlyFromTasks', CACHE, [
    ['Properties.SecurityGroupIds', undefined],
    ['Properties.SecurityGroupIds.0', 'sg-0123456789abcdef0'],
  ]),
  ...mutants('StoreOnlyFromTasks', 'AWS::EC2::SecurityGroupIngress', [
    ['Properties.ToPort', 6380, { like: 'RateLimitStore' }],
    ['Properties.SourceSecurityGroupId', 'sg-0123456789abcdef0', { like: 'RateLimitStore' }],
  ]),
  ...mutants('StoreOnlyFromTasks', GROUP, [
    [
      'Properties.SecurityGroupIngress',
      [{ ...open, CidrIp: '10.0.0.0/16', FromPort: 6379, ToPort: 6379 }],
      { like: 'Rate limit store' },
    ],
    [
      'Properties.SecurityGroupEgress',
      [{ ...open, CidrIp: '10.0.0.0/16', FromPort: 443, ToPort: 443 }],
      { like: 'Rate limit store' },
    ],
  ]),
  ...mutants('StoreUsageLimits', CACHE, [
    ['Properties.CacheUsageLimits', undefined],
    ['Properties.CacheUsageLimits.ECPUPerSecond', undefined],
    ['Properties.CacheUsageLimits.DataStorage', { Minimum: 1 }],
    ['Properties.SnapshotRetentionLimit', 7],
    ['Properties.DailySnapshotTime', '05:00'],
    ['Properties.FinalSnapshotName', 'kept'],
  ]),
].map((mutant) => ({ ...mutant, of: 'valkey' }));

const REPOSITORY = 'AWS::ECR::Repository';
/** Of a repository that a fork adds: no combination of options has one. */
export const REPOSITORY_MUTANTS: readonly Mutant[] = [
  ...mutants('ImagesScanned', REPOSITORY, [
    ['Properties.ImageScanningConfiguration', undefined],
    ['Properties.ImageScanningConfiguration.ScanOnPush', false],
  ]),
  ...mutants('TagsImmutable', REPOSITORY, [
    ['Properties.ImageTagMutability', undefined],
    ['Properties.ImageTagMutability', 'MUTABLE'],
    ['Properties.ImageTagMutability', 'IMMUTABLE_WITH_EXCLUSION'],
  ]),
  ...mutants('ImagesExpire', REPOSITORY, [
    ['Properties.LifecyclePolicy', undefined],
    ['Properties.LifecyclePolicy.LifecyclePolicyText', '{"rules":[]}'],
    ['Properties.LifecyclePolicy.LifecyclePolicyText', '{"rules":[{"rulePriority":1}]}'],
    ['Properties.LifecyclePolicy.LifecyclePolicyText', 'soon'],
  ]),
  ...mutants('ImagesEncrypted', REPOSITORY, [
    ['Properties.EncryptionConfiguration', undefined],
    ['Properties.EncryptionConfiguration.EncryptionType', 'AES256'],
    ['Properties.EncryptionConfiguration.KmsKey', undefined],
    ['Properties.EncryptionConfiguration.KmsKey', 'alias/aws/ecr'],
  ]),
];

const text = (length: number) => 'x'.repeat(length);
const items = (length: number) => Array.from({ length }, (_, index) => `${index}`);
const policyOf = (length: number) => ({
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: text(length) }],
});
const limits: Mutant[] = [
  ...mutants('ServiceLimits', POLICY, [['Properties.PolicyDocument', policyOf(6100)]]),
  ...mutants('ServiceLimits', ROLE, [
    ['Properties.Policies', [{ PolicyName: 'x', PolicyDocument: policyOf(10_200) }]],
    ['Properties.ManagedPolicyArns', items(11)],
    ['Properties.AssumeRolePolicyDocument', policyOf(2000)],
  ]),
  ...mutants('ServiceLimits', KEY, [['Properties.KeyPolicy', policyOf(32_700)]]),
  ...mutants('ServiceLimits', 'AWS::SecretsManager::ResourcePolicy', [
    ['Properties.ResourcePolicy', policyOf(20_480)],
  ]),
  ...mutants('ServiceLimits', 'AWS::SNS::TopicPolicy', [['Properties.PolicyDocument', policyOf(30_700)]]),
  ...mutants('ServiceLimits', TOPIC, [['Properties.DisplayName', text(101)]]),
  ...mutants('ServiceLimits', 'AWS::S3::BucketPolicy', [['Properties.PolicyDocument', policyOf(20_480)]]),
  ...mutants('ServiceLimits', LOG_GROUP, [
    ['Properties.ResourcePolicyDocument', policyOf(51_200)],
    ['Properties.LogGroupName', { 'Fn::Join': ['', [text(500), { Ref: 'AWS::StackId' }]] }],
  ]),
  ...mutants('ServiceLimits', FUNCTION, [['Properties.Environment.Variables.X', text(4000), rotates]]),
  ...mutants('ServiceLimits', TASK, [[`${CONTAINER}.Environment.0.Value`, text(65_000)]]),
  ...mutants('ServiceLimits', ACL, [
    ['Properties.Name', text(129)],
    ['Properties.Rules.0.Statement', { GeoMatchStatement: { CountryCodes: items(51) } }],
    ['Properties.Rules.0.Statement', { ByteMatchStatement: { SearchString: text(201) } }],
    ['Properties.Rules.0.Statement', { ManagedRuleGroupStatement: { RuleActionOverrides: items(101) } }],
  ]),
  ...mutants('ServiceLimits', 'AWS::WAFv2::IPSet', [
    ['Properties.Addresses', items(10_001), { of: 'knownClients' }],
  ]),
  ...mutants('ServiceLimits', 'AWS::Route53Resolver::FirewallDomainList', [
    ['Properties.Domains', items(1001)],
  ]),
  ...mutants('ServiceLimits', GROUP, [
    ['Properties.SecurityGroupIngress', items(61)],
    ['Properties.SecurityGroupEgress', items(61)],
  ]),
  ...mutants('ServiceLimits', 'AWS::ElasticLoadBalancingV2::ListenerRule', [
    ['Properties.Conditions', [{ PathPatternConfig: { Values: items(6) } }]],
  ]),
  ...mutants('ServiceLimits', 'AWS::ElasticLoadBalancingV2::TrustStoreRevocation', [
    ['Properties.RevocationContents', items(31), { of: 'knownClients' }],
  ]),
  ...mutants('ServiceLimits', 'AWS::ApplicationAutoScaling::ScalableTarget', [
    ['Properties.MaxCapacity', 501],
  ]),
  ...mutants('ServiceLimits', ALARM, [
    ['Properties.AlarmDescription', text(1025)],
    ['Properties.Tags', items(51)],
  ]),
  ...mutants('ServiceLimits', 'AWS::CertificateManager::Certificate', [
    ['Properties.DomainName', text(65)],
    ['Metadata', text(1_000_000)],
  ]),
  ...mutants('ServiceLimits', 'AWS::Budgets::Budget', [
    ['Properties.Budget.BudgetName', text(101), { of: 'archive' }],
  ]),
];

export const MUTANTS: readonly Mutant[] = [
  ...container,
  ...server,
  ...service,
  ...network,
  ...names,
  ...edge,
  ...firewall,
  ...secrets,
  ...permissions,
  ...functions,
  ...rotation,
  ...logs,
  ...storage,
  ...store,
  ...added,
  ...found,
  ...limits,
];
