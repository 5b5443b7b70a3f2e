import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { HERE } from './servers.ts';

const USAGE = `usage: npm run doctor:peers -- [--installed] [--write]
Runs the doctor against real MCP servers in a network namespace without internet access, and confirms each failure of high
severity by a request of its own. It needs Linux and root.
  --installed   does not install the servers again
  --write       writes doctor/docs/peers.md
`;

/** Installs the servers and runs the comparison in a network namespace without egress. */
function main(words: readonly string[]): number {
  if (words.includes('--help')) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    process.stderr.write('The servers run in a network namespace of their own: this needs Linux and root.\n');
    return 1;
  }
  const inFront = ([program = '', ...args]: readonly string[]) =>
    spawnSync(program, args, { stdio: 'inherit' }).status ?? 1;
  const install = ['npm', 'ci', '--omit=optional', '--loglevel=error', '--prefix', HERE];
  if (!words.includes('--installed') && inFront(install) !== 0) return 1;
  // When the run ends, its PID namespace kills every process that a server leaves behind.
  const namespace = ['unshare', '--net', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
  const run = [process.execPath, '--import', 'tsx', join(HERE, 'run.ts'), ...words];
  return inFront([...namespace, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', ...run]);
}

process.exit(main(process.argv.slice(2)));
