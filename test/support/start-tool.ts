import { parseEnvironment } from '../../service/environment.ts';
import type { Logger } from '../../service/logging/logger.ts';
import type { ServedTool } from '../../service/mcp/served-tool.ts';
import type { ToolFetcherOptions } from '../../service/outgoing/tool-fetch.ts';
import { createOwnTools } from '../../service/own-tools.ts';
import { createSecretCache, type SecretCacheOptions } from '../../service/secrets/secret-cache.ts';
import { createSecretSource } from '../../service/secrets/sources.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { createTurns } from '../../service/turns.ts';

export interface StartToolOptions {
  /** The tool's member of `MCP_TOOL_CONFIG`. @default - nothing */
  readonly values?: object;
  /** Variables that `env:` references name. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Reads secrets. @default - from `env` */
  readonly read?: SecretCacheOptions['read'];
  /** Monotonic milliseconds of the secret cache. @default - of this process */
  readonly now?: () => number;
  /** The edge of the network. @default - the real one */
  readonly network?: Pick<ToolFetcherOptions, 'resolve' | 'connect' | 'ca'>;
  readonly caCertificates?: string;
  /** @default - none */
  readonly logger?: Logger;
  /** Issuer of the clients' tokens. @default - none: a token list */
  readonly issuer?: string;
}

/** One tool as the service starts it, from its definition and the values of a stage, for the pipeline of a test. */
export async function startTool(
  definition: ToolDefinition,
  options: StartToolOptions = {},
): Promise<ServedTool> {
  const { values = {}, env = {}, network, caCertificates } = options;
  const ignore = () => {};
  const { logger = { info: ignore, warn: ignore, error: ignore }, now = () => performance.now() } = options;
  const variables = {
    MCP_TOOL_CONFIG: JSON.stringify({ [definition.name]: values }),
    ...(options.issuer !== undefined && {
      MCP_AUTH_MODE: 'oauth',
      MCP_OAUTH_ISSUER: options.issuer,
      MCP_OAUTH_AUDIENCE: 'https://mcp.example.com/mcp',
    }),
    ...(caCertificates !== undefined && { MCP_CA_CERTIFICATES: caCertificates }),
  };
  const environment = parseEnvironment('local', variables, [definition]);
  const readSecret = createSecretCache({ read: options.read ?? createSecretSource({ env }), now, logger });
  const parts = { readSecret, logger, turns: createTurns(), ...(network && { network }) };
  const [tool] = await createOwnTools(environment, parts);
  return tool as ServedTool;
}
