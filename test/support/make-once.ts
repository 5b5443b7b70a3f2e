import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** Git, the image and the linters ignore this folder. */
const MADE = join(ROOT, 'dist/made');
/** A process that holds the lock longer than this is dead. */
const STALE_LOCK_MS = 300_000;
const OLD_MS = 24 * 3_600_000;

/** Paths of the files below `path`, or `path` itself if it is a file. */
function filesIn(root: string, path: string): string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesIn(root, join(path, entry.name)));
}

/** A hash of the names and the content of these files and folders, and of the version of Node.js. */
export function keyOf(inputs: readonly string[], root = ROOT): string {
  const hash = createHash('sha256').update(process.version);
  for (const file of inputs.flatMap((input) => filesIn(root, input))) {
    const content = readFileSync(join(root, file));
    hash.update(`\0${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex').slice(0, 20);
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Whether this process now holds the lock. A stale lock is removed. */
function takeLock(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const { mtimeMs = 0 } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > STALE_LOCK_MS) rmSync(lock, { force: true });
    return false;
  }
}

/** Removes folders of this name that no run has made within a day. */
function removeOld(name: string): void {
  for (const entry of readdirSync(MADE).filter((one) => one.startsWith(`${name}-`))) {
    const { mtimeMs = Date.now() } = statSync(join(MADE, entry), { throwIfNoEntry: false }) ?? {};
    if (Date.now() - mtimeMs > OLD_MS) rmSync(join(MADE, entry), { recursive: true, force: true });
  }
}

/**
 * A folder that is made once for all workers and for every later run, as long as no input changes.
 *
 * @param name what is made, such as `templates`
 * @param inputs files and folders of the repository that decide the result: all of them, or a test reads an old result
 * @param make writes the result into an empty folder
 */
export function makeOnce(name: string, inputs: readonly string[], make: (folder: string) => void): string {
  const folder = join(MADE, `${name}-${keyOf(inputs)}`);
  const lock = `${folder}.lock`;
  mkdirSync(MADE, { recursive: true });
  while (!existsSync(folder)) {
    if (!takeLock(lock)) {
      pause(50);
      continue;
    }
    const unfinished = `${folder}.${process.pid}`;
    try {
      // Another process may have finished between the check and the lock.
      if (existsSync(folder)) break;
      mkdirSync(unfinished, { recursive: true });
      make(unfinished);
      renameSync(unfinished, folder);
      removeOld(name);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(lock, { force: true });
    }
  }
  return folder;
}
