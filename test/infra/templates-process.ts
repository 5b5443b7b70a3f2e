import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { neighbours } from './forks.ts';
import { ENDS, STACK_NAMES } from './option-ends.ts';
import { stack } from './stack.ts';
import { unlisted } from './stages.ts';
import { fileOf } from './templates.ts';
import { variants } from './variants.ts';

// The CDK records where each resource was made.
Error.stackTraceLimit = 1;

/** Writes the template of every combination into the folder that its argument names. For templates.ts alone. */
const [, , folder = ''] = process.argv;
function write(config: StageConfig, name?: string): void {
  writeFileSync(
    join(folder, fileOf(config)),
    JSON.stringify(Template.fromStack(stack(config, name)).toJSON()),
  );
}

for (const config of [...Object.values<StageConfig>({ ...combinations, ...variants }), unlisted])
  write(config);
for (const { stackName, config } of neighbours) write(config, stackName);
for (const end of ['lower', 'upper'] as const) {
  for (const kind of ['nat', 'endpoints', 'vpc'] as const) write(ENDS[end][kind], STACK_NAMES[end][kind]);
}
