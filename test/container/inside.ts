import { readFileSync } from 'node:fs';
import { PROBE } from './attack.ts';
import { IMAGE } from './build.ts';
import type { Engine } from './engine.ts';
import { ATTEMPTS_SCRIPT, STOPPED } from './permission-attempts.ts';
import type { Machine, TaskOptions } from './task-options.ts';

const NODE = '/nodejs/bin/node';

/** Facts about this machine. If the engine runs in a virtual machine, that machine decides. */
export function thisMachine(): Machine {
  const cpuArchitecture = process.arch === 'arm64' ? 'ARM64' : 'X86_64';
  try {
    const [, hard] = /^Max open files +\d+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return { cpuArchitecture, maxOpenFiles: Number(hard) };
  } catch {
    return { cpuArchitecture, maxOpenFiles: Number.POSITIVE_INFINITY };
  }
}

/** Asks the kernel, from inside, for the identity of the task's processes. */
export function identityFindings(engine: Engine, container: string): string[] {
  const script = "process.stdout.write(require('node:fs').readFileSync('/proc/self/status', 'utf8'))";
  const status = engine.run(['exec', container, NODE, '-e', script]);
  const expected = {
    Uid: /^65532(\t65532){3}$/,
    Gid: /^65532(\t65532){3}$/,
    Groups: /^(65532)? ?$/,
    CapInh: /^0+$/,
    CapPrm: /^0+$/,
    CapEff: /^0+$/,
    CapBnd: /^0+$/,
    CapAmb: /^0+$/,
  };
  return Object.entries(expected).flatMap(([name, pattern]) => {
    const [, value = ''] = new RegExp(`^${name}:\t(.*)$`, 'm').exec(status) ?? [];
    return pattern.test(value) ? [] : [`${name} is ${value}`];
  });
}

/** Runs a script with the Node options of the image. */
export function permissionFindings(
  engine: Engine,
  container: string,
  entryPoint: readonly string[],
): string[] {
  const [node = '', ...options] = entryPoint.slice(0, -1);
  const script = [
    'exec',
    container,
    node,
    ...options,
    '--disable-warning=ExperimentalWarning',
    '-e',
    ATTEMPTS_SCRIPT,
  ];
  const found = JSON.parse(engine.run(script)) as Record<string, string>;
  return Object.entries(STOPPED).flatMap(([name, code]) =>
    found[name] === code ? [] : [`${name}: ${found[name]}, expected ${code}`],
  );
}

/** Allocates half of the task's memory, and then more than all of it. @param options with the probe mounted */
export function memoryFindings(
  engine: Engine,
  options: readonly string[],
  { memoryMiB }: TaskOptions,
): string[] {
  const run = ['run', '--rm', '--network=none', '--no-healthcheck', ...options, '--entrypoint', PROBE, IMAGE];
  const take = (mib: number) => engine.try([...run, 'memory', String(Math.ceil(mib))]).status;
  const [half, more] = [take(memoryMiB / 2), take(memoryMiB * 1.25)];
  // 128 plus the number of SIGKILL.
  return [
    ...(half === 0 ? [] : [`half of the memory: exit ${half}, expected 0`]),
    ...(more === 137 ? [] : [`more than the memory: exit ${more}, expected 137`]),
  ];
}
