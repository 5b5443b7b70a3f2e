import { writeFileSync } from 'node:fs';
import { exampleResources } from './pages/example-stage.ts';
import { stackFacts } from './pages/stack-facts.ts';
import { stackPicture } from './pages/stack-picture.ts';

/** Draws docs/stack.svg from the template of production: `npm run pictures`. */
writeFileSync(new URL('../docs/stack.svg', import.meta.url), stackPicture(stackFacts(exampleResources())));
