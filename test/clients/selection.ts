import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './client.ts';
import { CLIENTS } from './clients.ts';
import { HERE } from './environment.ts';

type Versions = Readonly<Record<string, string>>;

const manifest: { dependencies: Versions; devDependencies: Versions } = JSON.parse(
  readFileSync(join(HERE, 'package.json'), 'utf8'),
);

export interface Selected {
  readonly client: Client;
  readonly version: string;
  /** Whether CI runs it: `dependencies` are installed there, `devDependencies` are not. */
  readonly ci: boolean;
}

/** The clients that a command is about, with the version that the manifest pins. */
export function select({ ci, only }: { readonly ci: boolean; readonly only: string }): Selected[] {
  return CLIENTS.map((client) => {
    const pinned = manifest.dependencies[client.package];
    const version = pinned ?? manifest.devDependencies[client.package] ?? 'unknown';
    return { client, version: version.replace(/^.*@/, ''), ci: pinned !== undefined };
  }).filter((each) => (each.ci || !ci) && each.client.name.toLowerCase().includes(only.toLowerCase()));
}
