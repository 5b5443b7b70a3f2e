import { mkdirSync, writeFileSync } from 'node:fs';
import { stages } from '../infra/config.ts';
import { extend } from '../infra/extensions.ts';
import { OptionError } from '../infra/lib/option-error.ts';
import type { StageConfig } from '../infra/stage-config.ts';
import { tools } from '../service/tools/index.ts';
import { readArguments } from './arguments.ts';
import { costPlot } from './cost/cost-plot.ts';
import { estimate } from './cost/estimate.ts';
import { examples } from './cost/examples.ts';
import { UnpricedError } from './cost/line.ts';
import { page } from './cost/page.ts';
import { PRICES } from './cost/prices.ts';
import { report } from './cost/report.ts';
import { templateOf } from './synthesize.ts';

const USAGE = `usage: npm run -s cost [-- --stage NAME] [--json]
       npm run -s cost -- --write
Estimates the monthly cost of the stages of infra/config.ts in us-east-1: idle, and per million calls. Needs no AWS account.
Resources of a type without a known price are listed as not priced, and are missing in the sums.
  --stage   one stage
  --json    as JSON, resource by resource, with the prices
  --write   rewrite docs/cost.md and its plot, which cover the default stages`;

const { stage, json, write } = readArguments(
  USAGE,
  {
    options: {
      stage: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  },
  ({ values }) => values,
);

function writeDocs(): void {
  const docs = new URL('../docs/', import.meta.url);
  const found = examples();
  mkdirSync(docs, { recursive: true });
  writeFileSync(new URL('cost.md', docs), page(found));
  writeFileSync(new URL('cost.svg', docs), costPlot(found.stages));
}

function print(): void {
  const known: Readonly<Record<string, StageConfig>> = stages;
  const chosen = Object.entries(known).filter(([name]) => stage === undefined || stage === name);
  if (chosen.length === 0) {
    throw new OptionError(
      `--stage must be one of ${Object.keys(known).join(', ')}, got ${JSON.stringify(stage)}`,
    );
  }
  const estimates = chosen.map(([name, config]) =>
    estimate(name, config.region, templateOf(name, config, { tools, extend })),
  );
  process.stdout.write(
    json
      ? `${JSON.stringify({ stages: estimates, prices: PRICES }, null, 2)}\n`
      : estimates.map(report).join('\n'),
  );
}

try {
  if (write) writeDocs();
  else print();
} catch (error) {
  // An error of the options or prices needs no stack. Any other error is a defect, which does.
  if (!(error instanceof OptionError || error instanceof UnpricedError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
