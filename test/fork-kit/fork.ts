import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** Time in milliseconds that a command may take on a busy machine. */
const COMMAND_MS = 1_200_000;

/** A fork in a folder of its own: the files of this working tree as the first commit of the branch `upstream`. */
export class Fork {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    for (const path of list
      .split('\0')
      .filter((one) => !/^(?:node_modules)?$/.test(one) && existsSync(join(ROOT, one)))) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(ROOT, path), join(folder, path));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    this.git('init', '--quiet', '--initial-branch', 'upstream');
    this.git('config', 'user.name', 'Fork');
    this.git('config', 'user.email', 'fork@example.com');
    writeFileSync(join(folder, '.git/info/exclude'), 'node_modules\n');
    this.commit('The kit');
    this.git('checkout', '--quiet', '-b', 'main');
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.folder, encoding: 'utf8' });
  }

  commit(message: string): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', message);
  }

  /** Paths that differ from the last commit, new ones included. */
  touched(): string[] {
    this.git('add', '--all');
    return this.git('diff', '--cached', '--name-only').split('\n').filter(Boolean);
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** @throws Error if the text is not there */
  replace(path: string, from: string | RegExp, to: string): void {
    const before = this.read(path);
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${path} has no ${from}`);
    this.write(path, after);
  }

  remove(...paths: readonly string[]): void {
    for (const path of paths) rmSync(join(this.folder, path), { recursive: true });
  }

  /** The output of a command that fails; empty if it succeeds. */
  failureOf(command: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd: this.folder,
      encoding: 'utf8',
      timeout: COMMAND_MS,
    });
    return status === 0 ? '' : `${[command, ...args].join(' ')}:\n${stdout}${stderr}`.slice(-8000);
  }
}
