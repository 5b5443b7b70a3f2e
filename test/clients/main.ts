import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCommand } from './arguments.ts';
import { CLIENT_PYTHON, HERE, VENV } from './environment.ts';
import { select } from './selection.ts';

const command = readCommand();

/** Runs a program in front of the user. @returns its exit code */
function inFront([program = '', ...args]: readonly string[]): number {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) process.stderr.write(`${program} cannot be run: ${error.message}\n`);
  return status ?? 1;
}

/** Installs what the command needs. @returns whether it is there */
function install(): boolean {
  const omitted = command.ci ? ['--omit=dev'] : [];
  if (inFront(['npm', 'ci', '--loglevel=error', '--prefix', HERE, ...omitted]) !== 0) return false;
  if (!select(command).some(({ client }) => client.needs === 'python')) return true;
  const pip = [CLIENT_PYTHON, '-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement'];
  return (
    inFront(['python3', '-m', 'venv', '--clear', VENV]) === 0 &&
    inFront([...pip, join(HERE, 'python/requirements.txt')]) === 0
  );
}

function main(): number {
  if (command.list) {
    for (const { client, version, ci } of select(command)) {
      process.stdout.write(`${client.name} ${version}${ci ? ', in CI' : ''}\n`);
    }
    return 0;
  }
  if (process.platform !== 'linux' || process.arch !== 'x64' || process.getuid?.() !== 0) {
    process.stderr.write(
      'The clients run in a network namespace of their own: this needs Linux on x64 and root, such as a container with CAP_SYS_ADMIN.\n',
    );
    return 1;
  }
  if (!command.installed && !install()) return 1;
  // Ctrl-C ends the foreground run; this process then removes its folder.
  process.on('SIGINT', () => undefined);
  const folder = mkdtempSync(join(tmpdir(), 'mcp-clients-'));
  // When the run ends, its PID namespace kills every process that a client leaves behind.
  const namespace = ['unshare', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  const script = [process.execPath, '--import', 'tsx', join(HERE, 'run.ts')];
  try {
    return inFront([...namespace, ...script, ...process.argv.slice(2), '--home', folder]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exit(main());
