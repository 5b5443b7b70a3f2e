// One scenario of one library, as an application would use it: connect, list, call. The outcome goes into a file, since
// libraries print to standard output.
import { writeFileSync } from 'node:fs';

const situation = JSON.parse(process.argv[2]);
const outcome = { connected: false, tools: [], answers: [], said: '' };
const told = (error) => (error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error));
try {
  const { connect } = await import(`./${situation.adapter}.mjs`);
  const client = await connect(situation);
  outcome.tools = await client.list();
  outcome.connected = true;
  for (const { name, args } of situation.calls) {
    outcome.answers.push(await client.call(name, args).catch(told));
  }
} catch (error) {
  outcome.said = told(error);
}
writeFileSync(situation.outcome, JSON.stringify(outcome));
// Bridges and event streams would hold the process.
process.exit(0);
