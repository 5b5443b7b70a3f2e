import { spawnSync } from 'node:child_process';
import { type RunningProcess, startProcess } from '../service/support/start-process.ts';

/** Docker or Podman, through its command line. */
export interface Engine {
  readonly name: 'docker' | 'podman';
  /** @throws Error with its output when it fails */
  run(args: readonly string[]): string;
  /** Exit code and output, also of a failure. */
  try(args: readonly string[], timeoutMs?: number): { status: number | null; stdout: string; stderr: string };
  /** The same options of `run`, plus those that make this engine treat them as Docker does. */
  quirks(options: readonly string[]): string[];
  /** Starts it without waiting. */
  start(args: readonly string[]): RunningProcess;
}

const HOW_TO_GET_ONE = `no container engine answers. It needs one of
  Docker  https://docs.docker.com/engine/install/, started
  Podman  on Debian: apt-get install podman runc catatonit
and \`docker version\` or \`podman version\` has to succeed.`;

/** The number of process ids that Linux has by default. */
const PROCESSES = 32_768;

/** Variables that tell an engine its server and its storage. */
const OF_ENGINES = /^(DOCKER_|BUILDKIT_|CONTAINERS_|CONTAINER_HOST$|XDG_RUNTIME_DIR$|TMPDIR$)/;

/** The engine's own settings, which startProcess does not pass on. */
export function engineVariables(): Record<string, string> {
  // biome-ignore lint/style/noProcessEnv: they are nowhere else
  const variables = Object.entries(process.env).filter(([key]) => OF_ENGINES.test(key));
  return Object.fromEntries(variables) as Record<string, string>;
}

/** The engine that answers, Docker before Podman. @throws with how to get one when none does */
export function findEngine(): Engine {
  for (const name of ['docker', 'podman'] as const) {
    const { status, stdout } = spawnSync(name, ['version'], { encoding: 'utf8' });
    // Debian's podman-docker answers to the name of docker.
    if (status === 0) return createEngine(name, /podman/i.test(stdout) ? 'podman' : name);
  }
  throw new Error(HOW_TO_GET_ONE);
}

function createEngine(command: string, name: Engine['name']): Engine {
  const call = (args: readonly string[], options: { timeout?: number } = {}) =>
    spawnSync(command, args, { ...options, maxBuffer: 64 * 1024 ** 2 });
  function run(args: readonly string[]): string {
    const { status, stdout, stderr, error } = call(args);
    if (status === 0) return stdout.toString();
    const told = error?.message ?? `${stdout}${stderr}`.slice(-4000);
    throw new Error(`${name} ${args.slice(0, 2).join(' ')} failed (${status}): ${told}`);
  }
  return {
    name,
    run,
    try(args, timeoutMs) {
      const { status, stdout, stderr } = call(args, {
        ...(timeoutMs !== undefined && { timeout: timeoutMs }),
      });
      return { status, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    quirks: (options) => (name === 'podman' ? podmanOptions(options) : [...options]),
    start(args) {
      return startProcess(command, args, engineVariables());
    },
  };
}

function podmanOptions(options: readonly string[]): string[] {
  // Podman gives a read-only container writable folders in memory by default.
  const more = options.includes('--read-only') ? ['--read-only-tmpfs=false'] : [];
  // If only one limit is given, it raises the other, which not every machine permits.
  if (options.includes('--ulimit')) more.push('--ulimit', `nproc=${PROCESSES}:${PROCESSES}`);
  return [...options, ...more];
}
