import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LOCK_FILE } from '../../../service/environment/server.ts';
import { parseLock } from '../../../service/upstream/lock.ts';
import { OptionError } from '../../lib/option-error.ts';
import type { ServerOptions } from './server.ts';

/** The name of the server's image, or the folder of its Dockerfile. */
export type ServerSource = { readonly imageUri: string } | { readonly directory: string };

/**
 * Checks the files that a stage with `task.server` needs: the pinned tools, and the folder of the image if it is built.
 *
 * @param root the folder where relative paths begin, which has `tools.lock.json`
 * @throws OptionError naming the file, the rule and the fix
 */
export function serverSource({ image, port, path, writableTmp }: ServerOptions, root: string): ServerSource {
  checkLock(root, `http://127.0.0.1:${port}${path}`);
  if (!image.startsWith('./')) return { imageUri: image };
  const directory = resolve(root, image);
  const dockerfile = join(directory, 'Dockerfile');
  if (!existsSync(dockerfile)) {
    throw new OptionError(
      `task.server.image must be a folder with a Dockerfile, got ${JSON.stringify(image)}, which has none`,
    );
  }
  if (writableTmp && !/^VOLUME .*\/tmp\b/m.test(readFileSync(dockerfile, 'utf8'))) {
    throw new OptionError(
      `task.server.writableTmp needs the lines RUN chmod 1777 /tmp and VOLUME /tmp in ${image}/Dockerfile: ECS copies the owner and the mode of the folder from there`,
    );
  }
  return { directory };
}

/** Names of the pinned tools of the server behind the service, in a folder that `serverSource` has checked. */
export function pinnedTools(root: string): string[] {
  return parseLock(readFileSync(join(root, LOCK_FILE), 'utf8')).tools.map(({ name }) => name);
}

/** Scopes of everything that is pinned of that server. */
export function pinnedScopes(root: string): string[] {
  const lock = parseLock(readFileSync(join(root, LOCK_FILE), 'utf8'));
  return Object.values(lock).flatMap((items) => items.flatMap(({ scopes }) => scopes));
}

function checkLock(root: string, url: string): void {
  const file = join(root, LOCK_FILE);
  if (!existsSync(file)) {
    throw new OptionError(
      `task.server needs ${LOCK_FILE}, which pins the server's tools: start the server on this machine, then npm run -s tools:pin -- --url ${url}`,
    );
  }
  try {
    parseLock(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new OptionError(`task.server: ${(error as Error).message}`);
  }
}
