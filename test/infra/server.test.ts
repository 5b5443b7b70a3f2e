import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib/core';
import { McpStack } from '../../infra/stack.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations, digest, ecrImage, s3PrefixListId, serverSecretArn } from './combinations.ts';
import { appProps, files, stack } from './stack.ts';
import { stages, unlisted } from './stages.ts';
import { all, only, template } from './synthesize.ts';
import { toolWith } from './tool-statements.ts';
import { variants } from './variants.ts';

const pinned = { image: ecrImage, port: 8000, path: '/mcp' };

function withServer(server: object, task: object = {}): StageConfig {
  const size = { cpu: 1024, memoryMiB: 2048 };
  return { ...stages.dev, task: { ...stages.dev.task, ...size, ...task, server } } as StageConfig;
}

function containersOf(config: StageConfig) {
  const { Properties } = only(template(config), 'AWS::ECS::TaskDefinition');
  const [service, server, ...others] = Properties.ContainerDefinitions;
  expect(others).toEqual([]);
  return { task: Properties, service, server };
}

/** Actions of a role of the task on secrets, with the resources. */
function readable(config: StageConfig, role: string): unknown[] {
  return all(template(config), 'AWS::IAM::ManagedPolicy')
    .filter(({ Properties }) => Properties.Roles.some(({ Ref }: { Ref: string }) => Ref.startsWith(role)))
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().includes('secretsmanager:GetSecretValue'))
    .flatMap(({ Resource }) => [Resource].flat());
}

describe('a server behind the service', () => {
  const { task, service, server } = containersOf(combinations.server);

  test('is held by the walls of the service, as another user', () => {
    for (const name of ['ReadonlyRootFilesystem', 'Privileged', 'LinuxParameters', 'Ulimits'] as const)
      expect(server[name]).toEqual(service[name]);
    expect([service.User, server.User]).toEqual(['65532:65532', '65533:65533']);
  });

  test('starts when the service holds its port, and has no port mapping', () => {
    expect(server.DependsOn).toEqual([{ ContainerName: 'mcp', Condition: 'HEALTHY' }]);
    expect(service).not.toHaveProperty('DependsOn');
    expect(server).not.toHaveProperty('PortMappings');
  });

  test('ends the task when it cannot be started again', () => {
    expect(server).toMatchObject({
      Essential: true,
      RestartPolicy: { Enabled: true, RestartAttemptPeriod: 60 },
      StopTimeout: 5,
    });
  });

  test('shares CPU and memory of the task with the service', () => {
    expect([server.Cpu, server.Memory]).toEqual([256, 512]);
    expect([service.Cpu, service.Memory]).toEqual([768, 1536]);
    expect([task.Cpu, task.Memory]).toEqual(['1024', '2048']);
  });

  test('writes into a log group of its own', () => {
    const [ours, its] = [service, server].map(({ LogConfiguration }) => LogConfiguration.Options);
    expect(its['awslogs-group'].Ref).toMatch(/^TaskServerLog/);
    expect(ours['awslogs-group'].Ref).toMatch(/^AuditLog/);
    expect([its['awslogs-stream-prefix'], its.mode]).toEqual(['server', 'blocking']);
  });

  test('gets an empty /tmp only if asked for', () => {
    expect(task.Volumes).toEqual([{ Name: 'server-tmp' }]);
    expect(server.MountPoints).toEqual([
      { ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'server-tmp' },
    ]);
    expect(service).not.toHaveProperty('MountPoints');
    expect(containersOf(combinations.pinnedServer).task).not.toHaveProperty('Volumes');
  });

  test('gets its command, variables and secrets', () => {
    expect(server.Command).toEqual(['--port', '8000']);
    expect(server.Environment).toEqual([
      { Name: 'LOG_LEVEL', Value: 'info' },
      { Name: 'MAX_TOKENS', Value: '1000' },
    ]);
    expect(server.Secrets).toEqual([
      { Name: 'API_KEY', ValueFrom: `${serverSecretArn}:apiKey::` },
      { Name: 'CLIENT_ID', ValueFrom: `${serverSecretArn}:clientId::` },
    ]);
  });

  test('is what the service is told to call', () => {
    const variables = Object.fromEntries(
      service.Environment.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]),
    );
    expect(variables).toMatchObject({
      MCP_SERVER_URL: 'http://127.0.0.1:8000/mcp',
      MCP_SERVER_SESSION: 'shared',
    });
    expect(server.Environment.map(({ Name }: { Name: string }) => Name)).not.toContain('MCP_AUTH_TOKENS');
  });

  test('leaves the shared role the access list and, without OAuth, the hashes of tokens', () => {
    expect(readable(combinations.server, 'TaskTaskRole')).toEqual([
      { Ref: expect.stringMatching(/^SecretsAccessList/) },
      { Ref: expect.stringMatching(/^SecretsTokens/) },
    ]);
    expect(readable(combinations.pinnedServer, 'TaskTaskRole')).toEqual([
      { Ref: expect.stringMatching(/^SecretsAccessList/) },
    ]);
  });

  test('lets ECS give the audit key to the service alone, and read nothing else', () => {
    expect(service.Secrets).toEqual([
      { Name: 'AUDIT_KEY', ValueFrom: { Ref: expect.stringMatching(/^SecretsAuditKey/) } },
    ]);
    expect(readable(combinations.server, 'TaskExecutionRole')).toEqual([
      serverSecretArn,
      { Ref: expect.stringMatching(/^SecretsAuditKey/) },
    ]);
    expect(readable(stages.prod, 'TaskExecutionRole')).toEqual([]);
  });

  test('resolves its hosts', () => {
    const lists = all(template(combinations.server), 'AWS::Route53Resolver::FirewallDomainList');
    expect(JSON.stringify(lists)).toContain('api.example.net');
  });
});

test('a tool of the service may not have the name of a pinned one: the service would not start', () => {
  const config: StageConfig = { ...stages.dev, task: { cpu: 1024, memoryMiB: 2048, server: pinned } };
  const withTool = (name: string) => () => stack(config, undefined, [toolWith(undefined, name)]);
  expect(withTool('look_up')).toThrow(
    'tools must leave out look_up: tools.lock.json has a tool of the server with',
  );
  expect(withTool('look_down')).not.toThrow();
});

describe('the image of a server', () => {
  test('has one name for its registry and that of a built image, which may be of one account', () => {
    const lists = all(template(combinations.pinnedServer), 'AWS::Route53Resolver::FirewallDomainList');
    const registries = lists
      .flatMap(({ Properties }) => Properties.Domains)
      .filter((name) => JSON.stringify(name).includes('.dkr.ecr.'));
    expect(registries).toEqual(['*.dkr.ecr.us-east-1.amazonaws.com']);
  });

  test('is pulled by its digest, with rights to its repository', () => {
    const { server } = containersOf(combinations.pinnedServer);
    expect(JSON.stringify(server.Image)).toContain(digest);
    const policies = all(template(combinations.pinnedServer), 'AWS::IAM::ManagedPolicy');
    expect(JSON.stringify(policies)).toContain('arn:aws:ecr:us-east-1:123456789012:repository/team/mcp');
  });

  test('is built from its folder, for the platform of the task', () => {
    const { directory } = (stack(variants.smallestServer, 'Mcp-built').node.root as App).synth();
    const assets = JSON.parse(readFileSync(join(directory, 'Mcp-built.assets.json'), 'utf8'));
    const built = Object.values<{ source: Record<string, unknown> }>(assets.dockerImages);
    expect(built.map(({ source }) => source['platform'])).toEqual(['linux/arm64', 'linux/arm64']);
  });

  test.each([
    ['mcp:latest', 'task.server.image must be pinned as NAME@sha256:<64 hex digits>, or a folder'],
    ['./nowhere', 'task.server.image must be a folder with a Dockerfile, got "./nowhere", which has none'],
    [`ghcr.io/team/mcp@${digest}`, 'must name the hosts of the registry of task.server.image'],
  ])('cannot be %s', (image, message) => {
    expect(() => stack(withServer({ ...pinned, image }))).toThrow(message);
  });

  test('cannot be pulled from elsewhere without an internet route', () => {
    const config = withServer({ ...pinned, image: `ghcr.io/team/mcp@${digest}` });
    const network = { egress: 'endpoints', s3PrefixListId } as const;
    expect(() => stack({ ...config, network })).toThrow(
      'task.server.image must be in ECR with egress endpoints, got "ghcr.io/team/mcp@',
    );
  });
});

describe('the options of a server', () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`A${index}`, serverSecretArn]));
  test.each<[object, string]>([
    [{ port: 80 }, 'task.server.port must be a whole number from 1024 to 65535, got 80'],
    [{ port: 8443 }, 'task.server.port must be another than 8443, the port of the service'],
    [{ path: 'mcp' }, 'task.server.path must be a path such as /mcp, got "mcp"'],
    [{ environment: { API_KEY: 'k' } }, 'must not have API_KEY, which names a secret: put the value into'],
    [
      { environment: { ECS_X: 'k' } },
      'task.server.environment must be variables by name, none of ECS itself',
    ],
    [{ secrets: { A: 'db-password' } }, 'task.server.secrets must be complete ARNs of secrets'],
    [{ secrets: many }, 'task.server.secrets must have at most 20 entries, got 30'],
    [
      { secrets: { A: serverSecretArn }, environment: { A: 'x' } },
      'task.server.environment must not have A, which is in secrets too',
    ],
    [
      { secrets: { A: serverSecretArn.replace('us-east-1', 'eu-west-1') } },
      'task.server.secrets.A must be in the region of the stage, us-east-1',
    ],
    [{ cpu: 900 }, 'task.server.cpu must leave 256 units of task.cpu 1024 for the service, got 900'],
    [
      { memoryMiB: 1600 },
      'task.server.memoryMiB must leave 512 MiB of task.memoryMiB 2048 for the service, got 1600',
    ],
    [{ session: 'none' }, 'task.server.session must be one of per-request, shared'],
    [{ tmp: true }, 'task.server.tmp is not an option'],
  ])('fail on %j', (options, message) => {
    expect(() => stack(withServer({ ...pinned, ...options }))).toThrow(message);
  });

  test('exclude an API key, which both containers could read', () => {
    const config = withServer(pinned, { scrapeEngine: 'webscraping-ai' });
    expect(() => stack(config)).toThrow('task.scrapeEngine must be direct with task.server, because both');
  });

  test('exclude tools with secrets of their own, for the same reason', () => {
    const { ownTools } = combinations;
    const config: StageConfig = { ...ownTools, task: { ...ownTools.task, server: pinned } };
    expect(() => stack(config)).toThrow(
      'tools.example_http must be left out with task.server: it has a secret, and both containers share the task role',
    );
  });

  test('do not show a secret that is in the wrong place', () => {
    expect(() => stack(withServer({ ...pinned, secrets: { A: 'hunter2' } }))).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('hunter2') }),
    );
  });
});

describe('the files of a stage with a server', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'mcp-fork-'));
    mkdirSync(join(root, 'server'));
    writeFileSync(join(root, 'server/Dockerfile'), 'FROM scratch\n');
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const synthesize = (config: StageConfig) => () =>
    new McpStack(new App(appProps), 'Mcp-test', { config, files: root });

  test('are tools.lock.json, which must be there and be valid', () => {
    expect(synthesize(withServer(pinned))).toThrow(
      "task.server needs tools.lock.json, which pins the server's tools: start the server on this machine, then npm run -s tools:pin -- --url http://127.0.0.1:8000/mcp",
    );
    writeFileSync(join(root, 'tools.lock.json'), '{');
    expect(synthesize(withServer(pinned))).toThrow('task.server: tools.lock.json is not JSON');
    const lock = readFileSync(join(files, 'tools.lock.json'), 'utf8');
    writeFileSync(join(root, 'tools.lock.json'), lock.replace('by number', 'by name'));
    expect(synthesize(withServer(pinned))).toThrow('the definition of look_up does not match its hash');
    writeFileSync(join(root, 'tools.lock.json'), lock);
    expect(synthesize(withServer(pinned))).not.toThrow();
  });

  test('are a Dockerfile that declares /tmp, if it is writable', () => {
    const server = { ...pinned, image: './server', writableTmp: true };
    expect(synthesize(withServer(server))).toThrow(
      'task.server.writableTmp needs the lines RUN chmod 1777 /tmp and VOLUME /tmp in ./server/Dockerfile',
    );
  });

  test('are not needed without one', () => {
    expect(synthesize(unlisted)).not.toThrow();
  });
});
