import { readFileSync, writeFileSync } from 'node:fs';
import { readArguments } from './arguments.ts';
import { benchPlot } from './pages/bench-plot.ts';
import { exampleResources } from './pages/example-stage.ts';
import { stackFacts } from './pages/stack-facts.ts';
import { stackPicture } from './pages/stack-picture.ts';

const DOCS = new URL('../docs/', import.meta.url);

readArguments(
  'usage: npm run pictures\nDraws docs/stack.svg from the template of production, and docs/bench.svg from docs/bench.md.',
  {},
  () => {},
);

writeFileSync(new URL('stack.svg', DOCS), stackPicture(stackFacts(exampleResources())));
writeFileSync(new URL('bench.svg', DOCS), benchPlot(readFileSync(new URL('bench.md', DOCS), 'utf8')));
