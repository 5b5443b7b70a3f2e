import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly if?: string;
}

export interface Job {
  readonly uses?: string;
  readonly if?: string;
  readonly steps?: readonly Step[];
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
}

export interface Workflow {
  readonly name: string;
  /** The unparsed text. */
  readonly text: string;
  readonly triggers: readonly string[];
  readonly permissions: unknown;
  readonly jobs: readonly (readonly [name: string, job: Job])[];
}

const folder = join(import.meta.dirname, '../../../.github/workflows');

/** Every workflow of this repository. */
export const workflows: readonly Workflow[] = readdirSync(folder).map((name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const { on, permissions, jobs } = parse(text) as {
    on: string | object;
    permissions: unknown;
    jobs: object;
  };
  return {
    name,
    text,
    triggers: typeof on === 'string' ? [on] : Object.keys(on),
    permissions,
    jobs: Object.entries(jobs) as [string, Job][],
  };
});

/** Every job, with a readable name. */
export const jobs: readonly (readonly [where: string, job: Job, workflow: Workflow])[] = workflows.flatMap(
  (workflow) => workflow.jobs.map(([name, job]) => [`${workflow.name} ${name}`, job, workflow] as const),
);
