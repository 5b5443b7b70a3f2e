import { constants } from 'node:fs';
import { open, realpath, rename, unlink } from 'node:fs/promises';

/** A list has up to 1000 entries; what is larger is another file. */
const MAX_BYTES = 1024 * 1024;

/** Reads a token list. @returns undefined when there is no such file */
export async function readTokenFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > MAX_BYTES)
        throw new Error(`${path} is no file of at most ${MAX_BYTES} bytes`);
      return await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Replaces a token list by what `change` makes of it, for its owner alone (mode 0600). A reader sees the old list or the
 * new one, whole; of two that change it at once the second fails.
 */
export async function updateTokenFile(
  path: string,
  change: (document: string | undefined) => string,
): Promise<void> {
  // Where a link points to, or the name of a file that is to be made.
  const target = await realpath(path).catch(() => path);
  const next = `${target}.new`;
  const file = await open(next, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
    throw new Error(
      `somebody else is changing the list; if not, remove ${next}, which is left of a change cut off`,
    );
  });
  try {
    await file.writeFile(change(await readTokenFile(target)));
    await file.sync();
    await file.close();
    await rename(next, target);
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(next).catch(() => {});
    throw error;
  }
}
