import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizer } from './deployed.ts';
import { effects } from './effects.ts';
import { pinned } from './pinned.ts';

/** Writes the effects of changes and the pinned resources into the folder that its argument names. For tests, once for all. */
const [, , folder = ''] = process.argv;
// The CDK records where each resource was made, which takes a tenth of the time.
Error.stackTraceLimit = 1;
const stageOf = synthesizer();
writeFileSync(join(folder, 'effects.json'), JSON.stringify(effects(stageOf)));
writeFileSync(join(folder, 'pinned.json'), JSON.stringify(pinned(stageOf)));
