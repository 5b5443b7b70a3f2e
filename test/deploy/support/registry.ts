import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../service/support/free-port.ts';
import { startProcess } from '../../service/support/start-process.ts';
import { until } from '../../service/support/until.ts';

/** An image registry on loopback that replaces ECR. */
export interface Registry {
  /** HOST:PORT */
  readonly host: string;
  /** The architecture and the number of layers of the image with a tag. @throws Error when there is none */
  image(repository: string, tag: string): Promise<{ architecture: string; layers: number }>;
  stop(): Promise<void>;
}

/** @throws Error when none is installed, with the command that installs it */
export async function startRegistry(): Promise<Registry> {
  if (spawnSync('docker-registry', ['--version']).status !== 0)
    throw new Error('docker-registry is not on the PATH; apt-get install docker-registry');
  const directory = mkdtempSync(join(tmpdir(), 'mcp-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = join(directory, 'config.yml');
  const storage = { filesystem: { rootdirectory: join(directory, 'images') } };
  // JSON is YAML.
  writeFileSync(configuration, JSON.stringify({ version: 0.1, storage, http: { addr: host } }));
  const server = startProcess('docker-registry', ['serve', configuration]);
  const url = `http://${host}/v2/`;
  await until(
    () =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    server.stderr,
  );
  async function get(path: string) {
    const accept = [
      'application/vnd.oci.image.manifest.v1+json',
      'application/vnd.docker.distribution.manifest.v2+json',
    ];
    const response = await fetch(`${url}${path}`, { headers: { accept: accept.join(', ') } });
    if (!response.ok) throw new Error(`the registry answered ${response.status} to ${path}`);
    return (await response.json()) as {
      readonly config: { readonly digest: string };
      readonly layers: readonly unknown[];
      readonly architecture: string;
    };
  }
  return {
    host,
    async image(repository, tag) {
      const { config, layers } = await get(`${repository}/manifests/${tag}`);
      const { architecture } = await get(`${repository}/blobs/${config.digest}`);
      return { architecture, layers: layers.length };
    },
    async stop() {
      server.child.kill('SIGTERM');
      await server.exited();
      rmSync(directory, { recursive: true });
    },
  };
}
