import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import type { Bases } from './stand-in-bases.ts';

export const IMAGE = 'localhost/hardened-mcp-container-test:latest';

/** Builds service/Dockerfile for this machine's platform. @param bases the stand-ins for its base images */
export function buildImage(engine: Engine, folder: string, bases: Bases | undefined): void {
  const options = buildOptions(engine, folder, bases);
  try {
    engine.run(['build', '--file', 'service/Dockerfile', '--tag', IMAGE, ...options, '.']);
  } catch (error) {
    const hint = 'where base images cannot be pulled: npm run container -- --stand-in-bases';
    throw new Error(bases === undefined ? `${(error as Error).message}\n${hint}` : (error as Error).message);
  }
}

/** The options of `build` that this machine needs. @param folder for a file that must exist until the build ends */
export function buildOptions(engine: Engine, folder: string, bases: Bases | undefined): string[] {
  const npmrc = join(folder, 'npmrc');
  writeFileSync(npmrc, npmConfiguration(), { mode: 0o600 });
  const platform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
  return [
    ...['--secret', `id=npmrc,src=${npmrc}`],
    // For a bridge, the build would change the machine and leave the change.
    '--network=host',
    ...(bases === undefined
      ? []
      : ['--build-arg', `BUILD_IMAGE=${bases.build}`, '--build-arg', `NODE_IMAGE=${bases.runtime}`]),
    // Podman keeps a health check only in this format, and its older versions do not know BUILDPLATFORM.
    ...(engine.name === 'podman' ? ['--format=docker', '--build-arg', `BUILDPLATFORM=${platform}`] : []),
    ...['--platform', platform],
  ];
}

/** The npm settings for the build: this machine's registry and certificate authorities. */
function npmConfiguration(): string {
  const setting = (name: string) =>
    execFileSync('npm', ['config', 'get', name], { encoding: 'utf8' })
      .trim()
      .replace(/^(null|undefined)$/, '');
  // biome-ignore lint/style/noProcessEnv: Node's own setting, which npm obeys too
  const cafile = setting('cafile') || process.env['NODE_EXTRA_CA_CERTS'];
  const certificates =
    cafile === undefined
      ? []
      : (readFileSync(cafile, 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ??
        []);
  const trusted = certificates.map((certificate) => `ca[]=${JSON.stringify(`${certificate}\n`)}`);
  return [`registry=${setting('registry')}`, ...trusted, ''].join('\n');
}
