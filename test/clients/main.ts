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
  if (!command.installed) {
    const installed = inFront(['npm', 'ci', '--prefix', HERE, ...(command.ci ? ['--omit=dev'] : [])]);
    if (installed !== 0) return installed;
    if (select(command).some(({ client }) => client.needs === 'python')) {
      const pip = [
        CLIENT_PYTHON,
        '-m',
        'pip',
        'install',
        '--quiet',
        '--no-deps',
        '-r',
        join(HERE, 'python/requirements.txt'),
      ];
      const made = inFront(['python3', '-m', 'venv', '--clear', VENV]) || inFront(pip);
      if (made !== 0) return made;
    }
  }
  const folder = mkdtempSync(join(tmpdir(), 'mcp-clients-'));
  // The namespace of process ids ends whatever a client leaves behind, when the run ends.
  const namespace = ['unshare', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  try {
    const script = join(HERE, 'run.ts');
    return inFront([
      ...namespace,
      process.execPath,
      '--import',
      'tsx',
      script,
      ...process.argv.slice(2),
      '--home',
      folder,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exit(main());
