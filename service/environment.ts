import type { z } from 'zod';
import { BOUNDS, DEPLOYED_PORT, REVISIONS } from './environment/bounds.ts';
import {
  LIMIT_VARIABLES,
  type LimitsEnvironment,
  readLimits,
  type StoreVariable,
} from './environment/limits.ts';
import {
  type AccessVariables,
  OAUTH_VARIABLES,
  type OAuthEnvironment,
  readOAuth,
} from './environment/oauth.ts';
import { readScrape, SCRAPE_VARIABLES, type ScrapeEnvironment } from './environment/scrape.ts';
import { readServer, SERVER_VARIABLES, type ServerEnvironment } from './environment/server.ts';
import {
  address,
  describeValue,
  devToken,
  HIDDEN,
  integer,
  list,
  loopback,
  oneOf,
  origin,
  publicUrl,
  required,
  secret,
  secureOrigin,
  within,
} from './environment/variables.ts';
import type { SecretReference } from './secrets/reference.ts';
import type { ToolDefinition } from './tools/definition.ts';
import { type ConfiguredTool, readTools, TOOL_VARIABLES } from './tools/environment.ts';
import { tools } from './tools/index.ts';

/**
 * How the process runs. `deployed`: behind the load balancer, HTTPS, security settings required. `local`: `npm start`,
 * loopback only. `stdio`: one desktop client over standard input and output.
 */
export type Profile = 'deployed' | 'local' | 'stdio';

/** The contract with the stack: every variable the service reads, by name. */
const VARIABLES = [
  'HOST',
  'PORT',
  'MCP_PUBLIC_URL',
  'MCP_ALLOWED_ORIGINS',
  'MCP_TRUSTED_HOPS',
  'MCP_AUTH_MODE',
  'MCP_AUTH_TOKENS',
  ...OAUTH_VARIABLES,
  'MCP_DEV_TOKEN',
  'MCP_AUDIT_KEY',
  'MCP_ACCESS_LIST',
  ...LIMIT_VARIABLES,
  'MCP_MINIMUM_PROTOCOL_VERSION',
  'MCP_MAX_BODY_BYTES',
  ...TOOL_VARIABLES,
  ...SERVER_VARIABLES,
  ...SCRAPE_VARIABLES,
] as const;

export type VariableName = (typeof VARIABLES)[number];

/** Variables the stack sets in both modes. The others are for local use, some tools or a rate limit store. */
type CommonVariable = Exclude<
  VariableName,
  | keyof AccessVariables
  | StoreVariable
  | (typeof SERVER_VARIABLES)[number]
  | (typeof TOOL_VARIABLES)[number]
  | (typeof SCRAPE_VARIABLES)[number]
  | 'MCP_DEV_TOKEN'
  | 'MCP_MINIMUM_PROTOCOL_VERSION'
>;

/** Variables the stack must set on the container; an empty value means the default. */
export type DeployedVariables = Readonly<Record<CommonVariable, string>> & AccessVariables;

/** The checked settings of the process. */
export interface Environment {
  readonly profile: Profile;
  /** Address to listen on. @default 0.0.0.0 deployed, 127.0.0.1 local (only loopback is accepted there) */
  readonly host: string;
  /** Port to listen on, 0–65535; 0 takes a free one. @default 8443 deployed, 8080 local */
  readonly port: number;
  /**
   * URL clients use, with path `/mcp`; https when deployed. @default http://127.0.0.1:PORT/mcp local, required deployed
   */
  readonly publicUrl: URL;
  /** Exact origins of browser clients besides the public URL's own; https when deployed. @default none */
  readonly allowedOrigins: readonly string[];
  /**
   * Trusted proxies in front, 0–5, deployed 1–5: 1 is the load balancer, 2 with CloudFront before it. With too few, a
   * proxy is taken for the client; with too many, clients can choose their address.
   *
   * @default 1 deployed, 0 local
   */
  readonly trustedHops: number;
  /** Secret reference of the token hashes. Required deployed in tokens mode. @default - one development token */
  readonly authTokens?: SecretReference;
  /** The issuer whose tokens are accepted; present in oauth mode only. */
  readonly oauth?: OAuthEnvironment | undefined;
  /** The development token, 16–512 characters; `local` only. @default - random at each start */
  readonly devToken?: string;
  /** Secret reference of the audit chain's HMAC key. Required deployed. @default - random at each start */
  readonly auditKey?: SecretReference;
  /** Secret reference of the list of what is denied: service/auth/access-document.ts. @default - nothing is denied */
  readonly accessList?: SecretReference;
  readonly limits: LimitsEnvironment;
  /** The oldest accepted protocol revision; older ones are refused. @default - none is refused */
  readonly minimumProtocolVersion?: (typeof REVISIONS)[number];
  /** Largest request body in bytes, 1024–4194304. A larger value allows fewer requests at once. @default 262144 */
  readonly maxBodyBytes: number;
  /** The tools of service/tools to serve, by name. @default - all, and none with a server behind this one */
  readonly tools: readonly ConfiguredTool[];
  /** PEM text of certificate authorities that a tool's internal hosts may have. @default - none */
  readonly caCertificates?: string | undefined;
  /** The MCP server behind this one, whose tools `tools.lock.json` pins. @default - none */
  readonly server?: ServerEnvironment | undefined;
  readonly scrape: ScrapeEnvironment;
}

/** All problems of an environment in one error. The message contains no secret. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * Checks the whole environment.
 *
 * @param source the variables. An empty one counts as absent, except SCRAPE_ALLOWED_DOMAINS.
 * @param definitions the tools that can be served. @default - those of service/tools
 * @throws EnvironmentError naming every bad variable, its rule and its value
 */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: one place reads every variable and collects every problem
export function parseEnvironment(
  profile: Profile,
  source: Readonly<Record<string, string | undefined>>,
  definitions: readonly ToolDefinition[] = tools,
): Environment {
  const problems: string[] = [];
  const variables = new Map(
    Object.entries(source).flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  );
  const deployed = profile === 'deployed';

  /** Returns the parsed variable, or records a problem. */
  function read<T>(
    name: VariableName,
    schema: z.ZodType<T, string>,
    fallback: T | typeof required,
  ): T | undefined {
    const value = variables.get(name);
    if (value === undefined) {
      if (fallback !== required) return fallback;
      problems.push(`${name} is required`);
      return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const got = HIDDEN.has(name) ? '(value hidden)' : describeValue(value);
    problems.push(`${name} ${parsed.error.issues[0]?.message}, ${got}`);
    return undefined;
  }
  function refuse(name: VariableName, when: boolean, why: string): void {
    if (when && variables.has(name)) problems.push(`${name} ${why}`);
  }

  // Other programs may own MCP_… names on a developer's machine. In the container an unknown name is a typo.
  const ours = deployed ? /^(MCP|SCRAPE)_/ : /^SCRAPE_/;
  for (const name of variables.keys()) {
    if (ours.test(name) && !VARIABLES.some((known) => known === name)) {
      problems.push(`${name} is not a variable of this service; valid variables: ${VARIABLES.join(', ')}`);
    }
  }
  refuse('MCP_DEV_TOKEN', deployed, 'is for the local profile only; remove it');
  refuse('SCRAPE_LOCAL_ORIGINS', deployed, 'is for the local profile only; remove it');
  refuse(
    'MCP_DEV_TOKEN',
    !deployed && variables.has('MCP_AUTH_TOKENS'),
    'and MCP_AUTH_TOKENS exclude each other',
  );

  const oauth = read('MCP_AUTH_MODE', oneOf('tokens', 'oauth'), 'tokens') === 'oauth';
  refuse('MCP_AUTH_MODE', oauth && profile === 'stdio', 'must be absent for stdio, which has no tokens');
  refuse(
    'MCP_MINIMUM_PROTOCOL_VERSION',
    profile === 'stdio',
    'must be absent for stdio, which serves every revision',
  );
  refuse('MCP_ACCESS_LIST', profile === 'stdio', 'must be absent for stdio, which has one client');
  for (const name of ['MCP_AUTH_TOKENS', 'MCP_DEV_TOKEN'] as const) {
    refuse(name, oauth, 'has no meaning with MCP_AUTH_MODE oauth; remove it');
  }
  for (const name of OAUTH_VARIABLES)
    refuse(name, !oauth, 'needs MCP_AUTH_MODE oauth; set that or remove it');
  const host = read('HOST', deployed ? address : loopback, deployed ? '0.0.0.0' : '127.0.0.1');
  const port = read('PORT', integer(0, 65_535), deployed ? DEPLOYED_PORT : 8080);

  const url = read(
    'MCP_PUBLIC_URL',
    deployed ? publicUrl('https:') : publicUrl('http:', 'https:'),
    // Tokens are issued for this URL, so OAuth needs a fixed port.
    deployed || (oauth && port === 0)
      ? required
      : new URL(`http://${host?.includes(':') ? `[${host}]` : host}:${port ?? 0}/mcp`),
  );

  const hasServer = variables.has('MCP_SERVER_URL');
  const ofTools = readTools(read, definitions, { server: hasServer, problems });
  const environment = {
    profile,
    host,
    port,
    publicUrl: url,
    allowedOrigins: read('MCP_ALLOWED_ORIGINS', list(deployed ? secureOrigin : origin), []),
    trustedHops: read(
      'MCP_TRUSTED_HOPS',
      integer(deployed ? BOUNDS.trustedHops.min : 0, BOUNDS.trustedHops.max),
      deployed ? BOUNDS.trustedHops.default : 0,
    ),
    authTokens: read('MCP_AUTH_TOKENS', secret, deployed && !oauth ? required : undefined),
    oauth: oauth ? readOAuth(read, { deployed, publicUrl: url }) : undefined,
    devToken: read('MCP_DEV_TOKEN', devToken, undefined),
    auditKey: read('MCP_AUDIT_KEY', secret, deployed ? required : undefined),
    accessList: read('MCP_ACCESS_LIST', secret, undefined),
    limits: readLimits(read, refuse, { deployed, stdio: profile === 'stdio' }),
    minimumProtocolVersion: read('MCP_MINIMUM_PROTOCOL_VERSION', oneOf(...REVISIONS), undefined),
    maxBodyBytes: read('MCP_MAX_BODY_BYTES', within(BOUNDS.maxBodyBytes), BOUNDS.maxBodyBytes.default),
    tools: ofTools.tools,
    caCertificates: ofTools.caCertificates,
    server: readServer(read, refuse, hasServer),
    scrape: readScrape(read, refuse, {
      ...{ deployed, none: source['SCRAPE_ALLOWED_DOMAINS'] === '' },
      used: ofTools.mayReadPages,
    }),
  };
  if (!oauth) {
    for (const { definition, config } of environment.tools) {
      if (config.tokenExchange === undefined) continue;
      problems.push(`MCP_TOOLS: ${definition.name} exchanges tokens, which needs MCP_AUTH_MODE oauth`);
    }
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  // Complete: every undefined setting that is required has recorded a problem.
  return environment as Environment;
}
