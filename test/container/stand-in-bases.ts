import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';

export interface Bases {
  readonly build: string;
  readonly runtime: string;
}

/** The npm version is irrelevant: it installs from the lockfile. */
const NPM = 'npm@11.19.1';

const PASSWD = `root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
`;
const GROUP = 'root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n';

/**
 * Makes stand-ins for the two base images of the Dockerfile, for machines without an image registry: Debian's
 * libraries, and Node.js from the npm registry. Layout and user are those of the real images; the content of the
 * real images is not tested.
 *
 * @param folder to work in; the caller removes it
 * @throws Error when mmdebstrap is missing, with the command that installs it
 */
export function makeStandInBases(engine: Engine, folder: string): Bases {
  const dockerfile = readFileSync(new URL('../../service/Dockerfile', import.meta.url), 'utf8');
  const [, version] = /^ARG BUILD_IMAGE=node:(\d+\.\d+\.\d+)-bookworm/m.exec(dockerfile) ?? [];
  if (version === undefined) throw new Error('BUILD_IMAGE of service/Dockerfile names no version of Node.js');
  const bases = { build: imageName('build', version), runtime: imageName('runtime', version) };
  if (Object.values(bases).every((image) => engine.try(['image', 'inspect', image]).status === 0))
    return bases;
  try {
    execFileSync('mmdebstrap', ['--version']);
  } catch {
    throw new Error('stand-ins of base images need mmdebstrap; on Debian: apt-get install mmdebstrap');
  }
  const node = unpack(folder, `node-linux-${process.arch}@${version}`);
  const npm = unpack(folder, NPM);
  writeFileSync(join(folder, 'passwd'), PASSWD);
  writeFileSync(join(folder, 'group'), GROUP);
  const users = `cp ${join(folder, 'passwd')} ${join(folder, 'group')} "$1/etc/"`;

  importRoot(engine, folder, bases.build, {
    packages: ['libstdc++6', 'dash', 'coreutils'],
    script: [
      'mkdir -p "$1/root" "$1/usr/local/bin" "$1/usr/local/lib/node_modules"',
      users,
      `cp ${join(node, 'bin/node')} "$1/usr/local/bin/"`,
      `cp -r ${npm} "$1/usr/local/lib/node_modules/npm"`,
      'ln -s ../lib/node_modules/npm/bin/npm-cli.js "$1/usr/local/bin/npm"',
    ],
    changes: [],
  });
  importRoot(engine, folder, bases.runtime, {
    packages: ['libstdc++6'],
    script: [
      'mkdir -p "$1/root" "$1/run" "$1/nodejs/bin"',
      'install -d -m 0700 -o 65532 -g 65532 "$1/home/nonroot"',
      users,
      `cp ${join(node, 'bin/node')} "$1/nodejs/bin/"`,
    ],
    changes: ['USER 65532:65532', 'ENTRYPOINT ["/nodejs/bin/node"]'],
  });
  return bases;
}

/** The unpacked folder of a registry package. */
function unpack(folder: string, name: string): string {
  const to = join(folder, name.replace(/@.*/, ''));
  mkdirSync(to);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', to, name]);
  const [archive = ''] = readdirSync(to);
  execFileSync('tar', ['-xzf', join(to, archive), '-C', to]);
  return join(to, 'package');
}

interface Root {
  readonly packages: readonly string[];
  /** Lines of a shell script whose argument is the root of the new image. */
  readonly script: readonly string[];
  /** Instructions of a Dockerfile. */
  readonly changes: readonly string[];
}

function imageName(stage: string, version: string): string {
  return `localhost/hardened-mcp-stand-in-${stage}:${version}`;
}

function importRoot(
  engine: Engine,
  folder: string,
  image: string,
  { packages, script, changes }: Root,
): void {
  const hook = join(folder, 'hook.sh');
  const archive = join(folder, 'root.tar');
  writeFileSync(hook, ['set -e', ...script, ''].join('\n'));
  // Packages are unpacked and not installed: none of their scripts runs, and only named packages are added.
  const options = ['--variant=extract', `--include=${packages.join(',')}`, '--skip=output/dev'];
  execFileSync('mmdebstrap', [...options, `--extract-hook=sh ${hook} "$1"`, 'bookworm', archive], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  engine.run(['import', ...changes.flatMap((change) => ['--change', change]), archive, image]);
  rmSync(archive);
}
