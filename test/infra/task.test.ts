import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { stages } from './stages.ts';
import { all, only, stack, stageNames, template } from './synthesize.ts';

function definition(name: keyof typeof stages) {
  const { Properties } = only(template(stages[name]), 'AWS::ECS::TaskDefinition');
  expect(Properties.ContainerDefinitions).toHaveLength(1);
  return { ...Properties, container: Properties.ContainerDefinitions[0] };
}

function withTask(task: object) {
  return () => stack({ ...stages.dev, task });
}

describe.each(stageNames)('the task of %s', (name) => {
  const { container, ...task } = definition(name);

  test('runs as 65532 with a read-only root and no capability', () => {
    expect(container).toMatchObject({ User: '65532:65532', ReadonlyRootFilesystem: true, Privileged: false });
    expect(container.LinuxParameters).toEqual({ Capabilities: { Drop: ['ALL'] }, InitProcessEnabled: true });
  });

  test('has nothing to write to: no volume, no mount, no tmpfs', () => {
    expect(task).not.toHaveProperty('Volumes');
    expect(container).not.toHaveProperty('MountPoints');
    expect(container).not.toHaveProperty('VolumesFrom');
    expect(container.LinuxParameters).not.toHaveProperty('Tmpfs');
  });

  test('shares no namespace and maps only the HTTPS port', () => {
    expect(task).toMatchObject({ NetworkMode: 'awsvpc', RequiresCompatibilities: ['FARGATE'] });
    expect(task).not.toHaveProperty('PidMode');
    expect(task).not.toHaveProperty('IpcMode');
    expect(container.PortMappings).toEqual([{ ContainerPort: 8443, Protocol: 'tcp' }]);
  });

  test('starts what the image says, every task of a deployment the same bytes', () => {
    expect(container.VersionConsistency).toBe('enabled');
    expect(container).not.toHaveProperty('Command');
    expect(container).not.toHaveProperty('EntryPoint');
    expect(task.RuntimePlatform).toEqual({ CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' });
  });

  test('is stopped only after the 25 s the service drains for', () => {
    expect(container.StopTimeout).toBeGreaterThan(25);
  });

  test('is healthy when its own Node gets 200 from /healthz', () => {
    const [kind, program, flag, script] = container.HealthCheck.Command;
    expect([kind, program, flag]).toEqual(['CMD', '/nodejs/bin/node', '-e']);
    expect(script).toContain("host:'127.0.0.1',port:8443,path:'/healthz'");
  });

  test('has a bound on open files', () => {
    expect(container.Ulimits).toEqual([{ Name: 'nofile', SoftLimit: 16384, HardLimit: 16384 }]);
  });

  test('gets no secret from ECS, neither as a value nor as an injection', () => {
    expect(container).not.toHaveProperty('Secrets');
    expect(container).not.toHaveProperty('EnvironmentFiles');
  });

  test('its roles are for tasks of this account only', () => {
    const roles = all(template(stages[name]), 'AWS::IAM::Role').filter(({ Properties }) =>
      JSON.stringify(Properties.AssumeRolePolicyDocument).includes('ecs-tasks'),
    );
    expect(roles).toHaveLength(2);
    for (const { Properties } of roles) {
      expect(Properties.AssumeRolePolicyDocument.Statement).toEqual([
        expect.objectContaining({
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnLike: {
              'aws:SourceArn': {
                'Fn::Join': ['', ['arn:aws:ecs:us-east-1:', { Ref: 'AWS::AccountId' }, ':*']],
              },
            },
          },
        }),
      ]);
      expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    }
  });
});

/** The statements of a role of the task by the beginning of its logical id. */
function statements(config: StageConfig, role: string) {
  const found = all(template(config), 'AWS::IAM::ManagedPolicy').filter(({ Properties }) =>
    Properties.Roles.some(({ Ref }: { Ref: string }) => Ref.startsWith(role)),
  );
  return found.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

test.each(stageNames)('ECS may pull the one image and write the one log of %s, nothing else', (name) => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's placeholder
  const repository = 'cdk-hnb659fds-container-assets-${AWS::AccountId}-us-east-1';
  expect(statements(stages[name], 'TaskExecutionRole')).toEqual([
    {
      Effect: 'Allow',
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Resource: {
        'Fn::Join': [
          '',
          ['arn:aws:ecr:us-east-1:', { Ref: 'AWS::AccountId' }, ':repository/', { 'Fn::Sub': repository }],
        ],
      },
    },
    { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^AuditLog/), 'Arn'] },
    },
  ]);
});

describe('task options', () => {
  test('policyStatements let the tools do exactly that, besides reading the secrets', () => {
    const actions = ['sqs:SendMessage'];
    const resources = ['arn:aws:sqs:us-east-1:123456789012:jobs'];
    const task = { ...stages.prod.task, policyStatements: [{ actions, resources }] };
    const without = statements(stages.prod, 'TaskTaskRole');
    expect(statements({ ...stages.prod, task }, 'TaskTaskRole')).toEqual([
      { Effect: 'Allow', Action: actions[0], Resource: resources[0] },
      ...without,
    ]);
    expect(without).toHaveLength(2);
  });

  test.each([
    [
      { actions: ['s3:*'], resources: ['arn:aws:s3:::bucket/*'] },
      'actions must be an action such as s3:GetObject',
    ],
    [{ actions: ['s3:GetObject'], resources: ['*'] }, 'resources must be the ARN of a resource, got "*"'],
    [{ actions: [], resources: [] }, 'actions must be a list of 1 to 50, got 0'],
  ])('fails on the statement %j', (statement, message) => {
    expect(withTask({ policyStatements: [statement] })).toThrow(message);
  });

  test.each([
    [256, 512],
    [256, 2048],
    [512, 4096],
    [1024, 3072],
    [4096, 30_720],
    [16_384, 32_768],
  ])('cpu %d with memoryMiB %d is a size Fargate has', (cpu, memoryMiB) => {
    expect(withTask({ cpu, memoryMiB })).not.toThrow();
  });

  test.each([
    [{ cpu: 300 }, 'cpu must be one of 256, 512, 1024, 2048, 4096, 8192, 16384 units, got 300'],
    [
      { cpu: 256, memoryMiB: 4096 },
      'memoryMiB must be from 512 to 2048 in steps of 512 with cpu 256, got 4096',
    ],
    [{ cpu: 256, memoryMiB: 1536 }, 'with cpu 256, got 1536'],
    [
      { cpu: 8192, memoryMiB: 17_408 },
      'memoryMiB must be from 16384 to 61440 in steps of 4096 with cpu 8192',
    ],
    [{ scrapeEngine: 'curl' }, 'scrapeEngine must be one of direct, webscraping-ai, got "curl"'],
    [{ allowedDomains: ['https://example.com'] }, 'allowedDomains must be a domain such as example.com'],
    [{ allowedDomains: ['*.com.*'] }, 'or * for any public host, got "*.com.*"'],
    [{ allowedOrigins: ['https://app.example.com/'] }, 'allowedOrigins must be an exact https origin such'],
    [
      { allowedOrigins: ['http://app.example.com'] },
      'task.allowedOrigins must be an exact https origin such as',
    ],
    [{ clientLimitPerMinute: 0 }, 'clientLimitPerMinute must be a whole number from 1 to 100000, got 0'],
    [{ scrapeTimeoutMs: 60_000 }, 'scrapeTimeoutMs must be a whole number from 100 to 50000, got 60000'],
  ])('fails on %j', (task, message) => {
    expect(withTask(task)).toThrow(message);
  });
});
