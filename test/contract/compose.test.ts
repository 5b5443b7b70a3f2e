import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { parseEnvironment } from '../../service/environment.ts';
import { taskOptions } from '../container/task-options.ts';
import { stages } from '../infra/stages.ts';
import { only, template } from '../infra/templates.ts';
import { variants } from '../infra/variants.ts';

type Service = Record<string, unknown>;

const text = readFileSync(new URL('../../service/compose.yaml', import.meta.url), 'utf8');
const document = parse(text, { strict: true, uniqueKeys: true });

/** Secrets of the shell that the variables refer to, and variables that differ on this machine. */
const OF_THE_SHELL = ['TOKENS', 'AUDIT_KEY'];
const LOCAL = ['MCP_PUBLIC_URL', 'MCP_AUTH_TOKENS', 'MCP_ACCESS_LIST', 'MCP_AUDIT_KEY'];

const { Properties: definition } = only(template(stages.prod), 'AWS::ECS::TaskDefinition');
const task = taskOptions(definition, { cpuArchitecture: 'ARM64', maxOpenFiles: 2 ** 20 }, () => {
  throw new Error('no secret is injected');
});

/** The options of `docker run` that a key of our service means. */
const OPTIONS: Record<string, (value: never) => string[]> = {
  user: (user: string) => ['--user', user],
  read_only: (on: boolean) => (on ? ['--read-only'] : []),
  privileged: (on: boolean) => (on ? ['--privileged'] : []),
  cap_drop: (names: string[]) => names.flatMap((name) => ['--cap-drop', name]),
  cap_add: (names: string[]) => names.flatMap((name) => ['--cap-add', name]),
  init: (on: boolean) => (on ? ['--init'] : []),
  cpus: (cpus: number) => ['--cpus', String(cpus)],
  mem_limit: (size: string) => ['--memory', size],
  memswap_limit: (size: string) => ['--memory-swap', size],
  ulimits: (limits: Record<string, { soft: number; hard: number }>) =>
    Object.entries(limits).flatMap(([name, { soft, hard }]) => ['--ulimit', `${name}=${soft}:${hard}`]),
  cpu_shares: (shares: number) => ['--cpu-shares', String(shares)],
  tmpfs: (mounts: string[]) => mounts.flatMap((mount) => ['--tmpfs', mount]),
};
/** Keys that are compared separately, or have no counterpart in a task, such as the source of the image. */
const OTHERS = ['build', 'environment', 'ports', 'stop_grace_period'];

function optionsOf(service: Service): string[] {
  return Object.entries(service).flatMap(([key, value]) => {
    if (OTHERS.includes(key)) return [];
    const option = OPTIONS[key];
    if (option === undefined) throw new Error(`a task has no ${key}`);
    return option(value as never);
  });
}

const inPairs = (options: readonly string[]) =>
  options
    .join(' ')
    .split(/ (?=--)/)
    .sort();

describe('the local container', () => {
  const { mcp } = document.services as { mcp: Service };

  test('is the only one, without volumes, networks or secrets', () => {
    expect(Object.keys(document)).toEqual(['name', 'services']);
    expect(Object.keys(document.services)).toEqual(['mcp']);
    expect(mcp['build']).toEqual({ context: '..', dockerfile: 'service/Dockerfile' });
  });

  test('has the user, isolation and limits of the task, and no others', () => {
    expect(inPairs(optionsOf(mcp))).toEqual(inPairs(task.options));
    expect(task.command).toEqual([]);
  });

  test.each([
    'network_mode',
    'pid',
    'security_opt',
    'volumes',
    'devices',
    'entrypoint',
    'command',
    'extends',
  ])('may not have %s, because the task has none', (key) => {
    expect(() => optionsOf({ ...mcp, [key]: 'host' })).toThrow(`a task has no ${key}`);
  });

  test('keeps the health check of the image and is stopped like the task', () => {
    expect(mcp).not.toHaveProperty('healthcheck');
    expect(mcp['stop_grace_period']).toBe(`${task.stopTimeoutMs / 1000}s`);
  });

  test('is reachable only from this machine, on the task’s port', () => {
    expect(mcp['ports']).toEqual(task.ports.map((port) => `127.0.0.1:${port}:${port}`));
  });

  test('has the task’s variables, except its URL and the references to its secrets', () => {
    const { ...variables } = mcp['environment'] as Record<string, string>;
    for (const name of OF_THE_SHELL) {
      expect(variables[name]).toMatch(/^\$\{\w+:\?.+\}$/);
      delete variables[name];
    }
    expect(variables['ACCESS_LIST']).toBe(NOTHING_DENIED);
    delete variables['ACCESS_LIST'];
    const same = (all: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, LOCAL.includes(name) ? '' : value]),
      );
    expect(same(variables)).toEqual(same(task.environment));
    const environment = parseEnvironment('deployed', {
      ...variables,
      TOKENS: '{}',
      ACCESS_LIST: NOTHING_DENIED,
      AUDIT_KEY: 'x',
    });
    expect(environment.publicUrl.hostname).toBe('localhost');
  });
});

describe('the two local containers of a task with a server', () => {
  const beside = parse(readFileSync(new URL('../../service/compose.server.yaml', import.meta.url), 'utf8'), {
    strict: true,
    uniqueKeys: true,
  });
  const { Properties } = only(template(variants.smallestServer), 'AWS::ECS::TaskDefinition');
  const containerOptions = (name: string) =>
    taskOptions(Properties, { cpuArchitecture: 'ARM64', maxOpenFiles: 2 ** 20 }, () => 'injected', name);
  const { mcp: more, server, ...others } = beside.services as Record<string, Service>;
  const { image, network_mode, depends_on, restart, ...rest } = server ?? {};

  test('are the service and the server, and the second file adds nothing else', () => {
    expect(Object.keys(beside)).toEqual(['services']);
    expect(others).toEqual({});
  });

  test('have the user, isolation and limits of the task’s containers, and no others', () => {
    const { mcp } = document.services as { mcp: Service };
    expect(inPairs(optionsOf({ ...mcp, ...more }))).toEqual(inPairs(containerOptions('mcp').options));
    expect(inPairs(optionsOf(rest))).toEqual(inPairs(containerOptions('server').options));
  });

  test('share a network, and the server starts when the service is healthy, without a port of its own', () => {
    expect({ network_mode, depends_on }).toEqual({
      network_mode: 'service:mcp',
      depends_on: { mcp: { condition: 'service_healthy' } },
    });
    expect(rest).not.toHaveProperty('ports');
    expect(rest['stop_grace_period']).toBe(`${containerOptions('server').stopTimeoutMs / 1000}s`);
    expect([image, restart]).toEqual([expect.stringMatching(/^\$\{SERVER_IMAGE:\?/), 'unless-stopped']);
  });

  test('have the variables that name the server', () => {
    const { environment } = containerOptions('mcp');
    const named = Object.entries(environment).filter(([name]) => name.startsWith('MCP_SERVER_'));
    expect(more?.['environment']).toEqual(Object.fromEntries(named));
  });
});
