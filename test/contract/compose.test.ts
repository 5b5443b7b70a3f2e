import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { parseEnvironment } from '../../service/environment.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { taskOptions } from '../container/task-options.ts';
import { stages } from '../infra/stages.ts';
import { only, template } from '../infra/templates.ts';
import { variants } from '../infra/variants.ts';
import { fetchPageTool } from '../support/fetch-page.ts';

type Service = Record<string, unknown>;

const text = readFileSync(new URL('../../service/compose.yaml', import.meta.url), 'utf8');
const document = parse(text, { strict: true, uniqueKeys: true });

/** Secrets of the shell that the variables refer to, and variables that differ on this machine. */
const SECRETS_OF_THE_SHELL = ['TOKENS', 'AUDIT_KEY'];
/** Variables that the shell may set; without it they are empty, which is as if they were absent. */
const OF_THE_SHELL = ['SCRAPE_ALLOWED_DOMAINS', 'MCP_SERVER_URL', 'MCP_SERVER_SESSION'];
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
const without = (pattern: RegExp, options: readonly string[]) =>
  inPairs(options).filter((one) => !pattern.test(one));

describe('the local container', () => {
  const { mcp } = document.services as { mcp: Service };

  test('is the only one without a profile, and has no volumes, networks or secrets', () => {
    expect(Object.keys(document)).toEqual(['name', 'services']);
    expect(Object.keys(document.services)).toEqual(['mcp', 'server']);
    expect(mcp).not.toHaveProperty('profiles');
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
    for (const name of SECRETS_OF_THE_SHELL) {
      expect(variables[name]).toMatch(/^\$\{\w+:\?.+\}$/);
      delete variables[name];
    }
    for (const name of OF_THE_SHELL) {
      expect(variables[name]).toBe(`\${${name}:-}`);
      delete variables[name];
    }
    expect(variables['ACCESS_LIST']).toBe(NOTHING_DENIED);
    delete variables['ACCESS_LIST'];
    const same = (all: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(all).map(([name, value]) => [name, LOCAL.includes(name) ? '' : value]),
      );
    const { SCRAPE_ALLOWED_DOMAINS = '', ...others } = task.environment;
    // Those of scraping have the defaults of the service.
    const scraping = Object.entries(others).filter(([name]) => name.startsWith('SCRAPE_'));
    expect(same({ ...variables, ...Object.fromEntries(scraping) })).toEqual(same(others));
    const started = (more: Record<string, string>, tools: readonly ToolDefinition[]) =>
      parseEnvironment(
        'deployed',
        { ...variables, ...more, TOKENS: '{}', ACCESS_LIST: NOTHING_DENIED, AUDIT_KEY: 'x' },
        tools,
      );
    const pages = { SCRAPE_ALLOWED_DOMAINS };
    const { publicUrl, ...environment } = started(pages, [fetchPageTool]);
    expect(publicUrl.hostname).toBe('localhost');
    expect(environment).toEqual(
      expect.objectContaining({ scrape: started({ ...pages, ...others }, [fetchPageTool]).scrape }),
    );
    // A fork without a tool that reads pages, and a server behind the service, need no other file.
    const empty = Object.fromEntries(OF_THE_SHELL.map((name) => [name, '']));
    expect(started(empty, []).tools).toEqual([]);
    const server = { ...empty, MCP_SERVER_URL: 'http://127.0.0.1:8000/mcp' };
    expect(started(server, [fetchPageTool]).server?.session).toBe('per-request');
  });
});

describe('the local container of a server behind the service', () => {
  const { server, mcp } = document.services as Record<string, Service>;
  const { Properties } = only(template(variants.smallestServer), 'AWS::ECS::TaskDefinition');
  const containerOptions = (name: string) =>
    taskOptions(Properties, { cpuArchitecture: 'ARM64', maxOpenFiles: 2 ** 20 }, () => 'injected', name);
  const { image, network_mode, depends_on, restart, profiles, ...rest } = server ?? {};

  test('is started on demand only', () => {
    // Compose replaces the variables of every service, of those that are not started too.
    expect([image, profiles]).toEqual([expect.stringMatching(/^\$\{SERVER_IMAGE:-[\w-]+\}$/), ['server']]);
  });

  test('has the user, isolation and limits of the task’s containers, and no others', () => {
    const shares = /^--cpu-shares/;
    expect(without(shares, optionsOf(rest))).toEqual(without(shares, containerOptions('server').options));
    // The smallest service beside a server has half the memory.
    const sizes = /^--(?:cpu-shares|memory)/;
    expect(without(sizes, optionsOf(mcp ?? {}))).toEqual(without(sizes, containerOptions('mcp').options));
  });

  test('has the same share of the CPU as the service, as in the task', () => {
    const sharesOf = (name: string) =>
      inPairs(containerOptions(name).options).find((one) => one.startsWith('--cpu-shares'));
    expect(sharesOf('mcp')).toBe(sharesOf('server'));
    expect([mcp?.['cpu_shares'], rest['cpu_shares']]).toEqual([undefined, undefined]);
  });

  test('shares the network of the service and starts when that is healthy, without a port of its own', () => {
    expect({ network_mode, depends_on }).toEqual({
      network_mode: 'service:mcp',
      depends_on: { mcp: { condition: 'service_healthy' } },
    });
    expect(rest).not.toHaveProperty('ports');
    expect(rest['stop_grace_period']).toBe(`${containerOptions('server').stopTimeoutMs / 1000}s`);
    expect(restart).toBe('unless-stopped');
  });

  test('is named to the service by variables that the task has too', () => {
    const named = Object.keys(containerOptions('mcp').environment).filter((name) =>
      name.startsWith('MCP_SERVER_'),
    );
    expect(OF_THE_SHELL).toEqual(expect.arrayContaining(named));
    expect(named).toHaveLength(2);
  });
});
