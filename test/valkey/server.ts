import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../service/support/free-port.ts';
import { startProcess } from '../service/support/start-process.ts';
import { until } from '../service/support/until.ts';

export interface RealValkey {
  readonly port: number;
  /** Sends a signal to the process: SIGSTOP makes it hang, SIGCONT continue. */
  signal(signal: NodeJS.Signals): void;
  /** Ends the process; its counts are lost. */
  stop(): Promise<void>;
}

export interface RealValkeyOptions {
  /** @default - a free one */
  readonly port?: number;
  /** PEM certificate and key. @default - not encrypted */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Further lines of its configuration. */
  readonly configuration?: readonly string[];
}

/** A real server on loopback without a disk. @throws Error with the command that installs one when none is there */
export async function startValkey({
  port,
  tls,
  configuration = [],
}: RealValkeyOptions = {}): Promise<RealValkey> {
  const command = ['valkey-server', 'redis-server'].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (command === undefined) {
    throw new Error('neither valkey-server nor redis-server is on the PATH; apt-get install redis-server');
  }
  const directory = mkdtempSync(join(tmpdir(), 'mcp-valkey-'));
  const at = port ?? (await freePort());
  const files = { cert: join(directory, 'cert.pem'), key: join(directory, 'key.pem') };
  if (tls !== undefined) {
    writeFileSync(files.cert, tls.cert);
    writeFileSync(files.key, tls.key, { mode: 0o600 });
  }
  const listen =
    tls === undefined
      ? [`port ${at}`]
      : [
          'port 0',
          `tls-port ${at}`,
          `tls-cert-file ${files.cert}`,
          `tls-key-file ${files.key}`,
          'tls-auth-clients no',
        ];
  const server = startProcess(command, ['-']);
  server.child.stdin?.end(
    [`dir ${directory}`, 'bind 127.0.0.1', 'save ""', 'appendonly no', ...listen, ...configuration, ''].join(
      '\n',
    ),
  );
  await until(() => server.stdout().includes('Ready to accept connections'), server.stdout);
  return {
    port: at,
    signal: (signal) => void server.child.kill(signal),
    async stop() {
      server.child.kill('SIGKILL');
      await server.exited();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
