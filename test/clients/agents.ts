import { PAGE_TOOL } from '../support/page-tool.ts';
import { run } from './child.ts';
import type { Client } from './client.ts';
import { variablesFor } from './environment.ts';
import { startModel } from './models/stand-in.ts';

const AGENT_MS = 90_000;

/** The start of a coding agent. */
export interface Agent {
  readonly name: string;
  readonly package: string;
  /**
   * Writes its configuration into `home`.
   *
   * @param model origin of the stand-in, without a path
   * @returns its commands, run in order: first those that report the server's state, then the one that talks to the
   * model
   */
  prepare(given: {
    readonly home: string;
    readonly url: string;
    readonly token: string;
    readonly model: string;
  }): {
    readonly commands: readonly (readonly string[])[];
    readonly variables: Readonly<Record<string, string>>;
  };
}

/** A coding agent whose model is a recording stand-in: the answers are the texts that the model received. */
export function agent({ name, package: entry, prepare }: Agent): Client {
  return {
    name,
    package: entry,
    async run({ home, url, token, calls }) {
      const model = await startModel(calls);
      const { commands, variables } = prepare({ home, url, token, model: model.origin });
      let said = '';
      for (const command of commands) {
        const ended = await run(command, { ...variablesFor(home), ...variables }, home, AGENT_MS);
        said += `${ended.output}\n${ended.timedOut ? `not done within ${AGENT_MS / 1000} s\n` : ''}`;
      }
      model.stop();
      const { tools, results } = model.seen();
      return { connected: tools.some((tool) => tool.includes(PAGE_TOOL)), tools, answers: results, said };
    },
  };
}
