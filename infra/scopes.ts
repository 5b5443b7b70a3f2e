import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../service/did-you-mean.ts';
import { createPrompts } from '../service/prompts/index.ts';
import { createResources } from '../service/resources/index.ts';
import { OptionError } from './lib/option-error.ts';
import type { Stage } from './stage-config.ts';

/** The scopes that the service's own tools, resources and prompts need. */
export interface ScopesOfService {
  /** By the name of the tool. The stack starts no tool, so a tool that was never locked is not here. */
  readonly tools: Readonly<Record<string, readonly string[]>>;
  /** Of the resources and the prompts, which every stage serves. */
  readonly others: readonly string[];
}

const LOCKED = 'service/tools/definitions.lock.json';

/** @param root the folder of the repository, whose `definitions.lock.json` has the scopes of the tools */
export function readScopes(root: string): ScopesOfService {
  const { tools } = readLock(join(root, LOCKED));
  return {
    tools: Object.fromEntries(tools.map(({ name, scopes }) => [name, scopes])),
    others: [...createResources(), ...createPrompts()].flatMap(({ scopes }) => scopes),
  };
}

interface Locked {
  readonly tools: readonly { readonly name: string; readonly scopes: readonly string[] }[];
}

/** @throws OptionError when the file cannot be read, or is not JSON */
function readLock(path: string): Locked {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Locked;
  } catch (error) {
    const why = (error as Error).message;
    throw new OptionError(`${LOCKED} must have the scopes of the tools: ${why}; run npm run tools:lock`);
  }
}

/**
 * Finds scopes of clients that nothing in their stage needs: the client would see and call less than its owner believes.
 *
 * @param pinned scopes of a server behind the service
 * @returns a line for each: the option, the rule, the value
 */
export function scopeProblems(
  { secrets, served }: Pick<Stage, 'secrets' | 'served'>,
  { tools, others }: ScopesOfService,
  pinned: readonly string[],
): string[] {
  const ofTools = served.flatMap(({ name }) => tools[name] ?? []);
  const known = [...new Set([...ofTools, ...others, ...pinned])];
  const unlocked = served.map(({ name }) => name).filter((name) => !Object.hasOwn(tools, name));
  const fix = unlocked.length === 0 ? '' : `; or lock ${unlocked.join(', ')} first, with npm run tools:lock`;
  return secrets.clients.flatMap(({ scopes }, index) =>
    scopes
      .filter((scope) => !known.includes(scope))
      .map(
        (scope) =>
          `secrets.clients[${index}].scopes must be scopes of what the stage serves (${known.join(', ') || 'none'}), got ${JSON.stringify(scope)}${didYouMean(scope, known)}${fix}`,
      ),
  );
}
