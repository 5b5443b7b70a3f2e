// The outcome is written to a file, because libraries print to standard output.
import { writeFileSync } from 'node:fs';
import { play } from './play.mjs';

const situation = JSON.parse(process.argv[2]);
const { connect } = await import(`./${situation.adapter}.mjs`);
writeFileSync(situation.outcome, JSON.stringify(await play(situation, connect)));
// Bridges and event streams would keep the process alive.
process.exit(0);
