import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readArguments } from '../../cli/arguments.ts';
import { PEERS, PYTHON, ROOT, VENV } from './support/places.ts';

const USAGE = `usage: npm run test:server -- [--install | --installed]
Puts the service in front of three MCP servers that this project did not write, and in front of a hostile one, in a network
namespace without internet access. It needs Linux, root, Python 3.11+ with venv, and package registries for the installation.
  --install    only installs the servers
  --installed  uses what an earlier run has installed`;

/** Texts of pip when it cannot reach an index. */
const NO_INDEX =
  /NewConnectionError|Max retries|Temporary failure in name resolution|Could not fetch URL|ReadTimeout|ProxyError|No matching distribution/;

const { install: installs, installed } = readArguments(
  USAGE,
  {
    options: {
      install: { type: 'boolean', default: false },
      installed: { type: 'boolean', default: false },
    },
  },
  ({ values }) => {
    if (values.install && values.installed) throw new Error('give either --install or --installed');
    return values;
  },
);

/** Runs a program in front of the user. @returns its exit code */
function inFront([program = '', ...args]: readonly string[]): number {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', cwd: ROOT });
  if (error !== undefined) process.stderr.write(`${program} cannot be run: ${error.message}\n`);
  return status ?? 1;
}

/** Installs the servers. Without a reachable index, the one in Python is left out. @returns whether they are there */
function install(): boolean {
  if (inFront(['npm', 'ci', '--loglevel=error', '--prefix', PEERS]) !== 0) return false;
  if (inFront(['python3', '-m', 'venv', '--clear', VENV]) !== 0) return false;
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement'];
  const { status, stdout, stderr } = spawnSync(PYTHON, [...pip, join(PEERS, 'requirements.txt')], {
    encoding: 'utf8',
  });
  if (status === 0) return true;
  rmSync(VENV, { recursive: true, force: true });
  const said = `${stdout}${stderr}`;
  process.stderr.write(said);
  if (!NO_INDEX.test(said)) return false;
  process.stderr.write('SKIPPED: the server in Python, because pip cannot reach a package index\n');
  return true;
}

function main(): number {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    process.stderr.write('The servers run in a network namespace of their own: this needs Linux and root.\n');
    return 1;
  }
  if (!installed && !install()) return 1;
  if (installs) return 0;
  if (!existsSync(PYTHON)) process.stderr.write('SKIPPED: the server in Python, which is not installed\n');
  // When the run ends, its PID namespace kills every process that a server leaves behind.
  const namespace = ['unshare', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  const jest = ['npm', 'run', '--silent', 'jest', '--', '--testMatch', '**/*.server.ts', '--runInBand'];
  return inFront([...namespace, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...jest]);
}

process.exit(main());
