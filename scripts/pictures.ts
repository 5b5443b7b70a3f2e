import { readFileSync, writeFileSync } from 'node:fs';
import { readArguments } from '../cli/arguments.ts';
import { benchPlot } from './docs/bench-plot.ts';
import { exampleResources } from './docs/example-stage.ts';
import { stackFacts } from './docs/stack-facts.ts';
import { stackPicture } from './docs/stack-picture.ts';
import { terminalLines, terminalPicture } from './docs/terminal.ts';

const DOCS = new URL('../docs/', import.meta.url);

readArguments(
  'usage: npm run pictures\nDraws docs/stack.svg from the template of production, docs/bench.svg from docs/bench.md and docs/terminal.svg from docs/tour.md.',
  {},
  () => {},
);

writeFileSync(new URL('stack.svg', DOCS), stackPicture(stackFacts(exampleResources())));
writeFileSync(new URL('bench.svg', DOCS), benchPlot(readFileSync(new URL('bench.md', DOCS), 'utf8')));
writeFileSync(
  new URL('terminal.svg', DOCS),
  terminalPicture(terminalLines(readFileSync(new URL('tour.md', DOCS), 'utf8'))),
);
