import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HEALTH_CHECK_SCRIPT } from '../../infra/constructs/task/task.ts';
import { stages } from '../infra/stages.ts';
import { only, template } from '../infra/templates.ts';
import { type Properties, synthesizeTaskDefinition } from './task-definition.ts';
import { type Machine, taskOptions } from './task-options.ts';

const MACHINE: Machine = { cpuArchitecture: 'ARM64', maxOpenFiles: 1_048_576 };
const noSecret = () => {
  throw new Error('no secret is injected');
};

const prod = (): Properties =>
  structuredClone(only(template(stages.prod), 'AWS::ECS::TaskDefinition').Properties);

/** The options of prod with changed properties of the task and of the container. */
function translated(container: object = {}, task: object = {}, machine = MACHINE) {
  const definition = { ...prod(), ...task };
  Object.assign(definition['ContainerDefinitions'][0], container);
  return taskOptions(definition, machine, (arn) => `value of ${arn}`);
}

describe('the task definition of prod, for a container engine', () => {
  const { options, command, environment, ...rest } = taskOptions(prod(), MACHINE, noSecret);

  test('keeps its user, isolation and limits', () => {
    expect(options).toEqual([
      ...['--cpus', '0.5', '--memory', '1024m', '--memory-swap', '1024m'],
      ...['--cap-drop', 'ALL', '--init', '--read-only'],
      ...['--ulimit', 'nofile=16384:16384', '--user', '65532:65532'],
    ]);
  });

  test('starts the image’s program with the variables of the service', () => {
    expect(command).toEqual([]);
    expect(environment).toMatchObject({
      PORT: '8443',
      MCP_PUBLIC_URL: 'https://mcp.example.com/mcp',
      MCP_AUDIT_KEY: expect.stringMatching(/^aws-secretsmanager:arn:aws:secretsmanager:us-east-1:/),
    });
  });

  test('has its health checked and is stopped as by ECS', () => {
    expect(rest).toMatchObject({
      healthCheck: {
        command: ['/nodejs/bin/node', '-e', HEALTH_CHECK_SCRIPT],
        timeoutMs: 5000,
        startPeriodMs: 30_000,
      },
      stopTimeoutMs: 40_000,
      memoryMiB: 1024,
      ports: [8443],
    });
  });

  test('reports what a machine cannot do, and does as much as it can', () => {
    const machine = { cpuArchitecture: 'X86_64', maxOpenFiles: 4096 } as const;
    const { options, notApplied } = translated({}, {}, machine);
    expect(options).toContain('nofile=4096:4096');
    expect(notApplied).toContain('Ulimits nofile 16384: this machine allows 4096');
    expect(notApplied).toContain('RuntimePlatform ARM64: this machine is X86_64');
    expect(rest.notApplied.join()).not.toMatch(/nofile|ARM64/);
  });
});

describe('the translation', () => {
  test.each([
    [{ User: '0' }, '--user 0'],
    [{ LinuxParameters: { Capabilities: { Add: ['SYS_PTRACE'] } } }, '--cap-add SYS_PTRACE'],
    [
      { LinuxParameters: { Tmpfs: [{ ContainerPath: '/tmp', Size: 64, MountOptions: ['noexec'] }] } },
      '--tmpfs /tmp:size=64m,noexec',
    ],
    [{ Ulimits: [{ Name: 'nproc', SoftLimit: 64, HardLimit: 128 }] }, '--ulimit nproc=64:128'],
    [{ WorkingDirectory: '/app' }, '--workdir /app'],
    [{ EntryPoint: ['/bin/sh', '-c'] }, '--entrypoint /bin/sh'],
  ])('of %j is %s', (container, expected) => {
    expect(translated(container).options.join(' ')).toContain(expected);
  });

  test.each([
    [{ ReadonlyRootFilesystem: false }, '--read-only'],
    [{ LinuxParameters: { InitProcessEnabled: false } }, '--init'],
    [{ LinuxParameters: {} }, '--cap-drop'],
  ])('of %j has no %s', (container, absent) => {
    expect(translated().options).toContain(absent);
    expect(translated(container).options).not.toContain(absent);
  });

  test('keeps the order of entry point and command', () => {
    expect(translated({ Command: ['c'], EntryPoint: ['a', 'b'] }).command).toEqual(['b', 'c']);
  });

  test('fails without a health check, which tells when it runs', () => {
    const definition = prod();
    delete definition['ContainerDefinitions'][0].HealthCheck;
    expect(() => taskOptions(definition, MACHINE, noSecret)).toThrow('must have a HealthCheck');
  });

  test('gives an injected secret its value', () => {
    const Secrets = [{ Name: 'KEY', ValueFrom: { Ref: 'Secret' } }];
    expect(translated({ Secrets }).environment['KEY']).toMatch(/^value of arn:aws:secretsmanager:.*:Secret-/);
  });

  test('mounts volumes of the task only', () => {
    const MountPoints = [{ SourceVolume: 'tmp', ContainerPath: '/tmp', ReadOnly: true }];
    const { options } = translated({ MountPoints }, { Volumes: [{ Name: 'tmp' }] });
    expect(options.join(' ')).toContain('--mount type=volume,destination=/tmp,readonly');
    expect(() => translated({ MountPoints })).toThrow(
      'MountPoints.SourceVolume tmp is no volume of the task',
    );
  });

  test.each([
    [{ Privileged: true }, {}, 'Privileged must be false, got true'],
    [{ DockerSecurityOptions: ['no-new-privileges'] }, {}, 'no translation for ContainerDefinitions.Docker'],
    [{ LinuxParameters: { Devices: [] } }, {}, 'no translation for LinuxParameters.Devices: []'],
    [{ constructor: 1 }, {}, 'no translation for ContainerDefinitions.constructor: 1'],
    [{}, { PidMode: 'task' }, 'no translation for PidMode: "task"'],
    [{}, { NetworkMode: 'host' }, 'NetworkMode must be awsvpc, got "host"'],
    [{}, { Volumes: [{ Name: 'v', Host: { SourcePath: '/' } }] }, 'no translation for Volumes.Host'],
    [{}, { ContainerDefinitions: [{}, {}] }, 'the task must have the container mcp'],
  ])('fails on %j and %j', (container, task, message) => {
    expect(() => translated(container, task)).toThrow(message);
  });
});

describe('a stage', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcp-assembly-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(Object.keys(stages))('%s is synthesized, and translated completely', (stage) => {
    const definition = synthesizeTaskDefinition(stage, join(folder, stage), { stages });
    expect(taskOptions(definition, MACHINE, noSecret).options).toContain('--read-only');
  });

  test('fails when it does not exist', () => {
    expect(() => synthesizeTaskDefinition('none', join(folder, 'none'), { stages })).toThrow(
      'stage must be one of',
    );
  });
});
