// The outcome goes into a file, since libraries print to standard output.
import { writeFileSync } from 'node:fs';
import { play } from './play.mjs';

const situation = JSON.parse(process.argv[2]);
const { connect } = await import(`./${situation.adapter}.mjs`);
writeFileSync(situation.outcome, JSON.stringify(await play(situation, connect)));
// Bridges and event streams would hold the process.
process.exit(0);
