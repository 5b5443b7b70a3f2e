import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './child.ts';
import type { Client, Outcome, Situation } from './client.ts';
import { CLIENT_NODE, CLIENT_PYTHON, HERE, variablesFor } from './environment.ts';

const SCENARIO_MS = 60_000;

type Details = (situation: Situation) => Readonly<Record<string, unknown>>;

/** A client that is a library or a bridge: `adapter` names its module in library/. */
export function library(name: string, entry: string, adapter: string, details: Details = () => ({})): Client {
  const given: Details = (situation) => ({ adapter, package: entry, ...details(situation) });
  return {
    name,
    package: entry,
    run: (situation) => session([CLIENT_NODE, 'library/session.mjs'], situation, given),
  };
}

/** A Python client: `adapter` names its function in python/session.py. */
export function python(name: string, adapter: string): Client {
  const given: Details = () => ({ adapter });
  const command = [CLIENT_PYTHON, 'python/session.py'] as const;
  return { name, package: adapter, needs: 'python', run: (situation) => session(command, situation, given) };
}

/** Runs a script that performs the work and writes its outcome into the given file. */
async function session(
  [program, script]: readonly [string, string],
  situation: Situation,
  details: Details,
): Promise<Outcome> {
  const { home } = situation;
  const environment = variablesFor(home);
  const outcome = join(home, 'outcome.json');
  const given = { ...situation, environment, outcome, ...details(situation) };
  const ended = await run(
    [program, join(HERE, script), JSON.stringify(given)],
    environment,
    home,
    SCENARIO_MS,
  );
  try {
    const told = JSON.parse(await readFile(outcome, 'utf8')) as Outcome;
    return { ...told, said: `${told.said}\n${ended.output}` };
  } catch {
    const late = ended.timedOut ? `not done within ${SCENARIO_MS / 1000} s\n` : '';
    return { connected: false, tools: [], answers: [], said: `${late}${ended.output}` };
  }
}
