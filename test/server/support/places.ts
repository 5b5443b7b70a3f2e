import { join, resolve } from 'node:path';

export const HERE = resolve(import.meta.dirname, '..');
export const ROOT = resolve(HERE, '../..');

/** The folder of the server in Python, which every tool ignores, and its Python. */
export const VENV = join(HERE, 'node_modules/.venv');
export const PYTHON = join(VENV, 'bin/python');
