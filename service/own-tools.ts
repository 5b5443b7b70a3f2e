import { createTokenExchange } from './auth/token-exchange.ts';
import { didYouMean } from './did-you-mean.ts';
import { type Environment, EnvironmentError } from './environment.ts';
import { describeError, type Logger } from './logging/logger.ts';
import { ruleOf } from './logging/recorded-arguments.ts';
import { type ServedTool, served } from './mcp/served-tool.ts';
import { type ReadSecret, SecretError } from './secrets/sources.ts';
import type { ToolConfig } from './tools/config.ts';
import type { ToolDefinition, ToolStart } from './tools/definition.ts';
import { createContexts, type EquipmentParts } from './tools/equipment.ts';
import type { Turns } from './turns.ts';

export interface OwnToolsParts {
  readonly readSecret: ReadSecret;
  readonly logger: Logger;
  readonly turns: Turns;
  /** The edge of the network; tests replace it. @default - the real one */
  readonly network?: Pick<EquipmentParts, 'resolve' | 'connect' | 'ca'>;
}

/**
 * Starts the tools of service/tools that the environment serves, in the order of their names.
 *
 * @throws EnvironmentError for a tool whose needs do not fit its arguments; SecretError when a secret cannot be read, other
 * than because it has no value yet
 */
export async function createOwnTools(
  {
    tools,
    scrape,
    caCertificates,
    oauth,
  }: Pick<Environment, 'tools' | 'scrape' | 'caCertificates'> & Partial<Pick<Environment, 'oauth'>>,
  parts: OwnToolsParts,
): Promise<readonly ServedTool[]> {
  const { readSecret, logger, turns, network } = parts;
  const exchange = oauth && createTokenExchange({ issuer: oauth.issuer, now: () => performance.now() });
  const started = await Promise.all(
    tools.map(async ({ definition, config }) => {
      await tryEverySecret(definition, config, parts);
      const { settings } = config;
      const start: ToolStart = { readSecret, logger, turns, scrape, settings, tool: (it) => it };
      const tool = { ...(await definition.create(start)), name: definition.name };
      const { deadlineMs, limitPerMinute } = config;
      const contextOf = createContexts(tool.name, config, {
        ...network,
        readSecret,
        exchange,
        logger,
        caCertificates,
      });
      const recording = ruleOf(definition.needs?.record, Object.keys(tool.input.shape));
      return served(tool, { deadlineMs, limitPerMinute, recording, contextOf });
    }),
  );
  const problems = tools.flatMap(({ definition }, index) => unknownArguments(definition, started[index]));
  if (problems.length > 0) throw new EnvironmentError(problems);
  return started;
}

/** A bad reference fails the start. A secret without a value does not: the stack creates it empty. */
async function tryEverySecret(
  { name: tool }: ToolDefinition,
  { secrets }: ToolConfig,
  { readSecret, logger }: OwnToolsParts,
): Promise<void> {
  for (const [name, reference] of Object.entries(secrets)) {
    try {
      await readSecret(reference);
    } catch (error) {
      if (!(error instanceof SecretError && error.missing)) throw error;
      logger.warn('tool_secret_missing', { tool, name, ...describeError(error) });
    }
  }
}

/** A misspelled argument would be recorded in full. */
function unknownArguments({ name, needs }: ToolDefinition, tool: ServedTool | undefined): string[] {
  const known = Object.keys((tool?.entry.inputSchema['properties'] as object | undefined) ?? {});
  const named = typeof needs?.record === 'object' ? Object.keys(needs.record) : [];
  return named
    .filter((each) => each !== '*' && !known.includes(each))
    .map((each) => `${name}.needs.record.${each} is not an argument of the tool${didYouMean(each, known)}`);
}
