import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import { type TarEntry, tarEntries } from './tar.ts';

export interface ImageFacts {
  readonly entryPoint: readonly string[];
  readonly files: number;
  readonly sizeMiB: number;
  /** Our files. */
  readonly ownMiB: number;
  /** The additions to the base image. */
  readonly layerMiB: number;
  /** Problems. */
  readonly findings: readonly string[];
}

const SHELLS = /\/(ba|da|a|z|k|c|tc|fi)?sh$|\/busybox$/;
const PACKAGE_MANAGERS =
  /\/(apt|apt-get|dpkg|apk|rpm|yum|dnf|microdnf|npm|npm-cli\.js|npx|yarn|pnpm|corepack|pip3?)$/;
/** Folders of the base image that 65532 could write to without a read-only root. */
const OF_THE_BASE = ['/tmp', '/var/tmp', '/run/lock', '/home', '/home/nonroot'];
/** Mount points, and files that the engine itself puts into every container. */
const OF_THE_ENGINE =
  /^\/(dev|proc|sys)(\/|$)|^\/(\.dockerenv|run\/\.containerenv|etc\/(hosts|hostname|resolv\.conf|mtab))$/;
const UID = 65532;

/** Looks at every file of the image. @param folder where to work; the caller removes it */
export function imageFacts(engine: Engine, image: string, folder: string): ImageFacts {
  const inspect = (name: string) => JSON.parse(engine.run(['image', 'inspect', name]))[0];
  const container = engine.run(['create', image]).trim();
  let entries: readonly TarEntry[];
  try {
    const archive = join(folder, 'image.tar');
    engine.run(['export', '--output', archive, container]);
    entries = tarEntries(readFileSync(archive));
  } finally {
    engine.run(['rm', container]);
  }
  const { Config, Size } = inspect(image);
  const own = entries.filter(({ path }) => path.startsWith('/app/')).reduce((sum, { size }) => sum + size, 0);
  return {
    entryPoint: Config.Entrypoint,
    files: entries.filter(({ type }) => type === 'file').length,
    sizeMiB: Size / 1024 ** 2,
    ownMiB: own / 1024 ** 2,
    layerMiB: addedBytes(engine, image) / 1024 ** 2,
    findings: [
      ...findingsOf(entries),
      ...(Config.User === '65532:65532' ? [] : [`the image's user is ${Config.User}`]),
      ...(Config.Volumes ? [`the image has volumes: ${JSON.stringify(Config.Volumes)}`] : []),
    ],
  };
}

/** Instructions of the Dockerfile's last stage, each of which is an entry of the image's history. */
const INSTRUCTIONS = readFileSync(new URL('../../service/Dockerfile', import.meta.url), 'utf8')
  .replace(/^[\s\S]*\nFROM .*\n/, '')
  .split('\n')
  .filter((line) => /^[A-Z]+ /.test(line)).length;

function addedBytes(engine: Engine, image: string): number {
  const format = ['--no-trunc', '--human=false', '--format', '{{.Size}}'];
  const sizes = engine
    .run(['history', ...format, image])
    .trim()
    .split('\n');
  return sizes.slice(0, INSTRUCTIONS).reduce((sum, size) => sum + bytesOf(size), 0);
}

/** Docker prints `4142003`, Podman `4.14 MB`. */
export function bytesOf(size: string): number {
  const [, number, unit = 'B'] = /^([\d.]+) ?([kKMG]?B)?$/.exec(size) ?? [];
  const power = ['B', 'KB', 'MB', 'GB'].indexOf(unit.toUpperCase());
  if (number === undefined) throw new Error(`the history of the image has a size ${JSON.stringify(size)}`);
  return Number(number) * 1000 ** power;
}

/** Unwanted files, and files with a wrong owner or mode. */
export function findingsOf(all: readonly TarEntry[]): string[] {
  const entries = all.filter(({ path }) => !OF_THE_ENGINE.test(path));
  const named = (pattern: RegExp) =>
    entries.filter(({ path, type }) => type !== 'directory' && pattern.test(path));
  const solid = entries.filter(({ type }) => type !== 'symlink');
  const writable = solid.filter(
    ({ path, mode, uid, gid }) =>
      !OF_THE_BASE.includes(path) && (mode & 0o002 || uid === UID || (gid === UID && mode & 0o020)),
  );
  const application = entries.filter(({ path }) => path.startsWith('/app/'));
  const bundle = application.map(
    ({ path, type, mode, uid, gid }) => `${type} ${path} ${mode.toString(8)} ${uid}:${gid}`,
  );
  const expected = ['file /app/main.cjs 444 0:0', 'file /app/tools.lock.json 444 0:0'];
  return [
    ...named(SHELLS).map(({ path }) => `a shell: ${path}`),
    ...named(PACKAGE_MANAGERS).map(({ path }) => `a package manager: ${path}`),
    ...solid
      .filter(({ type, mode }) => type === 'file' && mode & 0o6000)
      .map(({ path }) => `setuid or setgid: ${path}`),
    ...entries
      .filter(({ hasCapabilities }) => hasCapabilities)
      .map(({ path }) => `file capabilities: ${path}`),
    ...writable.map(({ path }) => `writable for ${UID}: ${path}`),
    ...(bundle.sort().join() === expected.join()
      ? []
      : [`/app must hold ${expected.join(' and ')} alone, got ${bundle.join(', ') || 'nothing'}`]),
  ];
}
