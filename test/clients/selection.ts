import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './client.ts';
import { CLIENTS } from './clients.ts';
import { HERE } from './environment.ts';

type Versions = Readonly<Record<string, string | undefined>>;

const read = (path: string) => readFileSync(join(HERE, path), 'utf8');

const manifest: { dependencies: Versions; devDependencies: Versions } = JSON.parse(read('package.json'));
const python: Versions = Object.fromEntries(
  read('python/requirements.txt')
    .split('\n')
    .map((line) => line.split('==')),
);

export interface Selected {
  readonly client: Client;
  readonly version: string;
  /** Whether CI runs it: CI installs `dependencies` but no `devDependencies`. */
  readonly ci: boolean;
}

/** The clients that a command selects, with the version that a manifest pins. */
export function select({ ci, only }: { readonly ci: boolean; readonly only: string }): Selected[] {
  return CLIENTS.map((client) => {
    const { package: entry, needs } = client;
    const inCi = manifest.dependencies[entry];
    const version = inCi ?? manifest.devDependencies[entry] ?? python[entry] ?? 'unknown';
    const pinned = version.replace(/^.*@|-linux-x64$/g, '');
    return { client, version: pinned, ci: inCi !== undefined && needs === undefined };
  }).filter((each) => (each.ci || !ci) && each.client.name.toLowerCase().includes(only.toLowerCase()));
}
