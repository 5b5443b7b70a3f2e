import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../../infra/app.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { acknowledgementsIn } from './acknowledgements.ts';
import { combinations } from './combinations.ts';
import { files } from './stack.ts';
import { tools, withTools } from './tools.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

/** The app of `npm run synth:combinations`: a stack for each combination of options, and a line for each. */
const all: Readonly<Record<string, StageConfig>> = combinations;
const app = createApp(undefined, withTools(all), { tools, files });
const { directory, stacks } = app.synth();
const report: Report = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
const found = report.pluginReports
  .flatMap(({ violations }) => violations)
  .flatMap(({ violatingConstructs }) => violatingConstructs.map(({ constructPath }) => constructPath));

for (const { id, template } of stacks) {
  const resources = Object.keys(template.Resources).length;
  const findings = found.filter((path) => path.split('/')[0] === id).length;
  const acknowledged = acknowledgementsIn(app.node.findChild(id)).length;
  process.stderr.write(
    `${id.padEnd(17)} ${resources} resources, ${findings} findings, ${acknowledged} acknowledged\n`,
  );
}
if (stacks.length !== Object.keys(all).length) throw new Error('not every combination was synthesized');
