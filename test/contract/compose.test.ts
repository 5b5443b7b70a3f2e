import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { parseEnvironment } from '../../service/environment.ts';
import { taskOptions } from '../container/task-options.ts';
import { stages } from '../infra/stages.ts';
import { only, template } from '../infra/templates.ts';

type Service = Record<string, unknown>;

const text = readFileSync(new URL('../../service/compose.yaml', import.meta.url), 'utf8');
const document = parse(text, { strict: true, uniqueKeys: true });

/** Secrets of the shell that the variables refer to, and variables that differ on this machine. */
const OF_THE_SHELL = ['TOKENS', 'AUDIT_KEY'];
const LOCAL = ['MCP_PUBLIC_URL', 'MCP_AUTH_TOKENS', 'MCP_AUDIT_KEY'];

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
    const same = (all: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, LOCAL.includes(name) ? '' : value]),
      );
    expect(same(variables)).toEqual(same(task.environment));
    const environment = parseEnvironment('deployed', { ...variables, TOKENS: '{}', AUDIT_KEY: 'x' });
    expect(environment.publicUrl.hostname).toBe('localhost');
  });
});
