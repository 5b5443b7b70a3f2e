import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../../..');

/** The folder of the servers behind the service, with a manifest of its own. */
export const PEERS = join(ROOT, 'test/server/peers');

/** The folder of the server in Python, which every tool ignores, and its Python. */
export const VENV = join(PEERS, 'node_modules/.venv');
export const PYTHON = join(VENV, 'bin/python');
