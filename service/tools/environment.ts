import { didYouMean } from '../did-you-mean.ts';
import { caCertificates } from '../environment/ca-certificates.ts';
import { list, type Read, text, toolName } from '../environment/variables.ts';
import { isRecord, type Json } from '../json-field.ts';
import { checkToolConfig, type ToolConfig } from './config.ts';
import type { ToolDefinition } from './definition.ts';

/** A tool to serve, with the values of the stage. */
export interface ConfiguredTool {
  readonly definition: ToolDefinition;
  readonly config: ToolConfig;
}

export const TOOL_VARIABLES = ['MCP_TOOLS', 'MCP_TOOL_CONFIG', 'MCP_CA_CERTIFICATES'] as const;

type ToolVariable = (typeof TOOL_VARIABLES)[number];

/** Longest text of `MCP_TOOL_CONFIG`, in characters: a task definition has 64 KiB for everything. */
const MAX_CONFIG = 32 * 1024;

/** A tool's own deadline and limit, its settings, and references to its secrets. */
const config = text((value): Json => {
  if (value.length > MAX_CONFIG) throw new Error(`must have at most ${MAX_CONFIG} characters`);
  let json: unknown;
  try {
    json = JSON.parse(value);
  } catch {
    throw new Error('must be JSON');
  }
  if (!isRecord(json)) throw new Error('must be a JSON object with a member for each tool');
  return json;
});

/**
 * The tools to serve, with their values, in the order of their names. Records every problem.
 *
 * @param server whether there is an MCP server behind this one: then a tool is only served if `MCP_TOOLS` names it
 */
export function readTools(
  read: Read<ToolVariable>,
  definitions: readonly ToolDefinition[],
  { server, problems }: { readonly server: boolean; readonly problems: string[] },
): {
  readonly tools: readonly ConfiguredTool[];
  readonly caCertificates: string | undefined;
  /** Whether a tool reads pages, or a name is misspelled, so that it may be one of these. */
  readonly mayReadPages: boolean;
} {
  const known = definitions.map(({ name }) => name);
  const names = read('MCP_TOOLS', list(toolName), server ? [] : known) ?? [];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    const named = unknown.map((name) => `${name}${didYouMean(name, known)}`);
    problems.push(
      `MCP_TOOLS names ${named.join(', ')}; tools of this service: ${known.join(', ') || 'none'}`,
    );
  }
  const values = read('MCP_TOOL_CONFIG', config, {});
  const checked = checkToolConfig(definitions, values ?? {}, names);
  // Without readable values every required one would be reported as missing.
  if (values !== undefined)
    problems.push(...checked.problems.map((problem) => `MCP_TOOL_CONFIG: ${problem}`));
  const tools = definitions.flatMap((definition) => {
    const values = checked.configs.get(definition.name);
    return values === undefined ? [] : [{ definition, config: values }];
  });
  return {
    tools: tools.sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1)),
    caCertificates: read('MCP_CA_CERTIFICATES', caCertificates, undefined),
    mayReadPages: unknown.length > 0 || tools.some(({ definition }) => definition.needs?.scrape),
  };
}
