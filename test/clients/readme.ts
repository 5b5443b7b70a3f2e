import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './environment.ts';

/** A server of a client's configuration, as README tells it. */
export interface ServerConfiguration {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

/**
 * The client configuration of README that has a word in it, with its placeholders replaced.
 *
 * @throws Error where README has not exactly one of it
 */
export function configurationOf(word: string, replacements: Readonly<Record<string, string>>): string {
  const [line, ...more] = README.split('\n').filter(
    (each) => each.startsWith('{ "mcpServers"') && each.includes(word),
  );
  if (line === undefined || more.length > 0)
    throw new Error(`README must have one configuration with ${word}`);
  return Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), line);
}

/** The same as the server that it configures, which the client starts. */
export function serverOf(word: string, replacements: Readonly<Record<string, string>>): ServerConfiguration {
  return JSON.parse(configurationOf(word, replacements)).mcpServers['hardened-mcp'];
}
