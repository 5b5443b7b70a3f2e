import { constants } from 'node:fs';
import { open, realpath, rename, unlink } from 'node:fs/promises';

/** A token list has up to 1000 entries; a larger file is something else. */
const MAX_BYTES = 1024 * 1024;

/** Reads a list. @returns undefined when the file does not exist */
export async function readListFile(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile() || stat.size > MAX_BYTES)
        throw new Error(`${path} is not a file of at most ${MAX_BYTES} bytes`);
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
 * Replaces a list with the result of `change`, readable by its owner only (mode 0600). A reader sees either the
 * complete old list or the complete new one. Of two concurrent changes the second fails.
 */
export async function updateListFile(
  path: string,
  change: (document: string | undefined) => string,
): Promise<void> {
  // The target of a link, or the name of a new file.
  const target = await realpath(path).catch(() => path);
  const next = `${target}.new`;
  const file = await open(next, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error(`the folder of ${target} does not exist; create it`);
    if (error.code !== 'EEXIST') throw error;
    throw new Error(
      `another process is changing the list; if none is running, delete the stale lock file ${next}`,
    );
  });
  try {
    await file.writeFile(change(await readListFile(target)));
    await file.sync();
    await file.close();
    await rename(next, target);
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(next).catch(() => {});
    throw error;
  }
}
