import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './environment.ts';

/** A server in a client's configuration. */
export interface ServerConfiguration {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const PAGE = readFileSync(join(ROOT, 'docs/clients.md'), 'utf8');

/**
 * The configuration under a client's heading in docs/clients.md, with its placeholders replaced.
 *
 * @throws Error if the page does not have exactly one section of that name with a block of this language
 */
export function configurationOf(
  client: string,
  replacements: Readonly<Record<string, string>>,
  language = 'json',
): string {
  const sections = PAGE.split(/^#+ /m).filter((section) => section.startsWith(`${client}\n`));
  const blocks = sections.flatMap((section) => [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]);
  const [block, ...more] = blocks.filter(([, name]) => name === language);
  if (block?.[2] === undefined || more.length > 0)
    throw new Error(`docs/clients.md must have one configuration of ${client} in ${language}`);
  return Object.entries(replacements).reduce((text, [from, to]) => text.replaceAll(from, to), block[2]);
}

/** The same, as the parameters of a server that the client starts. */
export function serverOf(
  client: string,
  replacements: Readonly<Record<string, string>>,
): ServerConfiguration {
  return JSON.parse(configurationOf(client, replacements)).mcpServers['hardened-mcp'];
}
