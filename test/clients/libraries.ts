import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './child.ts';
import type { Client, Outcome, Situation } from './client.ts';
import { CLIENT_NODE, HERE, ROOT, variablesFor } from './environment.ts';

const SCENARIO_MS = 60_000;

type Details = (situation: Situation) => Readonly<Record<string, unknown>>;

/** A client that is a library or a bridge: `adapter` names its module in library/. */
export function library(name: string, entry: string, adapter: string, details: Details = () => ({})): Client {
  return {
    name,
    package: entry,
    async run(situation) {
      const outcome = join(situation.home, 'outcome.json');
      const environment = variablesFor(situation.home);
      const given = { ...situation, environment, adapter, package: entry, outcome, ...details(situation) };
      const script = join(HERE, 'library/session.mjs');
      const command = [CLIENT_NODE, script, JSON.stringify(given)];
      const ended = await run(command, environment, situation.home, SCENARIO_MS);
      const late = ended.timedOut ? `not done within ${SCENARIO_MS / 1000} s\n` : '';
      try {
        const told = JSON.parse(await readFile(outcome, 'utf8')) as Outcome;
        return { ...told, said: `${told.said}\n${ended.output}` };
      } catch {
        return { connected: false, tools: [], answers: [], said: `${late}${ended.output}` };
      }
    },
  };
}

/** What starts our server on standard input and output, as README has it. */
export const STDIO = ['npm', 'run', '--silent', 'stdio', '--prefix', ROOT];
