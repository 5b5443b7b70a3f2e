import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import * as z from 'zod';
import { APP_ORIGIN, BOUNDS, type Bounds, REVISIONS } from '../../service/environment/bounds.ts';
import type { DeployedVariables, VariableName } from '../../service/environment.ts';
import { oauthOptions } from './oauth.ts';
import { DOMAIN_NAME, judged, listOf, oneOf, wholeNumber } from './option-types.ts';

const DOMAIN_RULE =
  'a domain such as example.com or *.example.com (IDN as punycode), or * for any public host';

/** Settings of the service. Numbers have the service's own bounds and defaults. */
export const taskEnvironmentOptions = {
  scrapeEngine: oneOf('direct', 'webscraping-ai')
    .default('direct')
    .describe('`direct` fetches pages from the task; `webscraping-ai` uses that service, with an API key.')
    .meta({
      update:
        'back to `direct`, the secret that the stack had created for the API key stays outside of the stack, or is deleted if `secrets.retain` is `false`',
    }),
  oauth: oauthOptions.optional().meta({
    description: 'The issuer whose tokens grant access. There is then no token list and no secret for it.',
    absent: 'the clients of the token list, by the SHA-256 of their tokens',
    update:
      'from then on no token of the list works. The list stays outside of the stack, or is deleted if `secrets.retain` is `false`; without `oauth` the stack has a new, empty list',
  }),
  allowedDomains: listOf(
    judged((value) => value === '*' || DOMAIN_NAME.test(value.replace(/^\*\./, '')), DOMAIN_RULE),
    // Names that DNS Firewall takes in one request, and part of the 64 KB of a task definition.
    { max: 1000, characters: 24_000 },
  )
    .default([])
    .describe('Hosts that may be scraped: `example.com`, `*.example.com`, or `*` alone for any public host.')
    .meta({
      update:
        'with `*` the DNS firewall is removed and its log stays outside of the stack; without `*` there is a new firewall with a new log',
    }),
  allowedOrigins: listOf(
    judged(
      isOrigin,
      'an exact https origin such as https://app.example.com, or the origin of an extension such as chrome-extension://ID',
    ),
    { max: 50 },
  )
    .default([])
    .describe(
      'Exact origins of browser clients: `https://app.example.com`, or those of extensions and desktop programs, such as ' +
        '`chrome-extension://ID`, `moz-extension://ID` and `vscode-webview://ID`.',
    ),
  trustedHops: bounded(BOUNDS.trustedHops).describe(
    'Trusted proxies in front of the task, including the load balancer: 2 with CloudFront in front of it. Audit ' +
      'records and limits name the client that the outermost one saw, so no client may reach the load balancer past the ' +
      'others (`edge.allowedCidrs`): a client that does chooses its own address. The firewall still counts the address ' +
      'that connects to the load balancer.',
  ),
  clientLimitPerMinute: bounded(BOUNDS.clientLimitPerMinute).describe(
    'Requests that one client may make in any 60 s, for all its users together, to one task or, with `rateLimitStore`, to ' +
      'all tasks. A hosted connector, such as that of a chat product, is one client for all people of a company.',
  ),
  userLimitPerMinute: bounded(BOUNDS.userLimitPerMinute).describe(
    'Requests that one user of a client may make in any 60 s, counted in the same place. A token without a user counts ' +
      'only for its client.',
  ),
  toolLimitPerMinute: bounded(BOUNDS.toolLimitPerMinute).describe(
    'Calls of one tool that one user of a client, or a client without users, may make in any 60 s, counted in the same place.',
  ),
  authFailureLimitPerMinute: bounded(BOUNDS.authFailureLimitPerMinute).describe(
    'Tokens of one source address (IPv6: /64) that may be refused in any 60 s, counted by each task alone; then requests ' +
      'from it get 429 and its tokens are not checked, except those that were good in the last 5 minutes. Good requests ' +
      'never count. An attacker that keeps sending bad tokens, at the default more than 5 a second, blocks only those ' +
      'clients that share its address and were not in use when the attack began.',
  ),
  minimumProtocolVersion: oneOf(...REVISIONS)
    .optional()
    .meta({
      description:
        'The oldest MCP revision that clients may use; `2026-07-28` refuses every client that opens a handshake. The refusal names ' +
        'the revision that the client needs: docs/clients.md.',
      absent: 'every revision since 2024-11-05',
    }),
  maxBodyBytes: bounded(BOUNDS.maxBodyBytes).describe('Largest request body in bytes.'),
  scrapeTimeoutMs: bounded(BOUNDS.scrapeTimeoutMs).describe(
    "Deadline of one scrape in milliseconds, below the load balancer's idle timeout of 60 s. A task that stops finishes " +
      'calls for 25 s; with more than that here, a deployment or a scale-in can answer a slow call with 503 `restarting`.',
  ),
  scrapeMaxBytes: bounded(BOUNDS.scrapeMaxBytes).describe(
    'Largest page in bytes after decompression; the rest of a larger page is cut off.',
  ),
};

const options = z.strictObject(taskEnvironmentOptions);
export type TaskEnvironmentOptions = z.output<typeof options>;

function isOrigin(value: string): boolean {
  if (APP_ORIGIN.test(value)) return true;
  return value.startsWith('https:') && URL.parse(value)?.origin === value && !value.includes('*');
}

function bounded({ min, max, default: value }: Bounds) {
  return wholeNumber(min, max).default(value);
}

export interface TaskEnvironmentProps extends TaskEnvironmentOptions {
  readonly domainName: string;
  readonly port: number;
  /** The token list; absent with `oauth`. */
  readonly tokens?: ISecret;
  /** The list of what is denied. */
  readonly accessList: ISecret;
  readonly auditKey: ISecret;
  readonly apiKey?: ISecret;
  /** The tools that the stage serves. @default - those of the image */
  readonly tools?: readonly TaskTool[] | undefined;
  /** Certificates in PEM of the authorities that sign internal hosts. @default - public authorities only */
  readonly caCertificates?: string | undefined;
  /** Rate limit store that all tasks share. @default - each task counts for itself */
  readonly rateLimitStore?: TaskRateLimitStore | undefined;
  /** The MCP server behind the service. @default - none */
  readonly server?: TaskServer | undefined;
  /** Whether one of the tools reads pages. */
  readonly scrapes: boolean;
}

/** The MCP server behind the service, in the same task. */
export interface TaskServer {
  readonly port: number;
  /** Path of its endpoint. */
  readonly path: string;
  readonly session: 'per-request' | 'shared';
}

/**
 * Variable in which ECS gives the audit key to the service if there is a server behind it: the task role, which both
 * containers share, must not read it.
 */
export const AUDIT_KEY_VARIABLE = 'AUDIT_KEY';

/** A tool that the stage serves. */
export interface TaskTool {
  readonly name: string;
  /** Its values for the service, without the references of secrets. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Its secrets, by name. */
  readonly secrets: Readonly<Record<string, ISecret>>;
  readonly hosts: readonly { readonly protocol: 'https:' | 'http:'; readonly internal: boolean }[];
  readonly rights: readonly {
    readonly actions: readonly string[];
    readonly resources: readonly string[];
    /** Services, such as `s3`, through which alone the rights can be used. @default - any */
    readonly via?: readonly string[] | undefined;
  }[];
}

/** The rate limit store: its URL, and the cache that the service authenticates to. */
export interface TaskRateLimitStore {
  readonly url: string;
  readonly cacheArn: string;
  readonly onFailure: 'deny' | 'allow';
}

/** The container's environment: settings and references to secrets, never a secret. */
export function taskEnvironment(props: TaskEnvironmentProps): Record<string, string> {
  const environment: DeployedVariables = {
    HOST: '0.0.0.0',
    PORT: String(props.port),
    MCP_PUBLIC_URL: `https://${props.domainName}/mcp`,
    MCP_ALLOWED_ORIGINS: props.allowedOrigins.join(','),
    MCP_TRUSTED_HOPS: String(props.trustedHops),
    ...accessVariables(props),
    MCP_AUDIT_KEY: props.server ? `env:${AUDIT_KEY_VARIABLE}` : reference(props.auditKey),
    MCP_ACCESS_LIST: reference(props.accessList),
    MCP_CLIENT_LIMIT_PER_MINUTE: String(props.clientLimitPerMinute),
    MCP_USER_LIMIT_PER_MINUTE: String(props.userLimitPerMinute),
    MCP_TOOL_LIMIT_PER_MINUTE: String(props.toolLimitPerMinute),
    MCP_AUTH_FAILURE_LIMIT_PER_MINUTE: String(props.authFailureLimitPerMinute),
    MCP_RATE_LIMIT_STORE: props.rateLimitStore?.url ?? 'memory',
    MCP_MAX_BODY_BYTES: String(props.maxBodyBytes),
  };
  const all = {
    ...environment,
    ...(props.rateLimitStore && storeVariables(props.rateLimitStore)),
    ...(props.minimumProtocolVersion && { MCP_MINIMUM_PROTOCOL_VERSION: props.minimumProtocolVersion }),
    ...(props.scrapes && scrapeVariables(props)),
    ...(props.apiKey && { SCRAPE_API_KEY: reference(props.apiKey) }),
    ...(props.server && serverVariables(props.server)),
    ...toolVariables(props.tools ?? []),
    ...(props.caCertificates !== undefined && { MCP_CA_CERTIFICATES: props.caCertificates }),
  };
  // The service treats an empty variable as absent; ECS drops it anyway.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

function accessVariables({ oauth, tokens }: TaskEnvironmentProps) {
  if (oauth === undefined) {
    if (tokens === undefined) throw new Error('tokens mode without a secret for the token list');
    return { MCP_AUTH_MODE: 'tokens', MCP_AUTH_TOKENS: reference(tokens) } as const;
  }
  return {
    MCP_AUTH_MODE: 'oauth',
    MCP_OAUTH_ISSUER: oauth.issuer,
    MCP_OAUTH_AUDIENCE: oauth.audience ?? '',
    MCP_OAUTH_JWKS_URL: oauth.jwksUrl ?? '',
    MCP_OAUTH_SCOPE_PREFIX: oauth.scopePrefix ?? '',
  } as const;
}

function scrapeVariables(props: TaskEnvironmentProps) {
  return {
    SCRAPE_ENGINE: props.scrapeEngine,
    SCRAPE_ALLOWED_DOMAINS: props.allowedDomains.join(','),
    SCRAPE_TIMEOUT_MS: String(props.scrapeTimeoutMs),
    SCRAPE_MAX_BYTES: String(props.scrapeMaxBytes),
  } satisfies Partial<Record<VariableName, string>>;
}

/** The names of the served tools, and the values of those that have some. */
function toolVariables(tools: readonly TaskTool[]): Record<string, string> {
  const configured = tools.flatMap(({ name, values, secrets }) => {
    const references = Object.entries(secrets).map(([secret, it]) => [secret, reference(it)] as const);
    const config = { ...values, ...(references.length > 0 && { secrets: Object.fromEntries(references) }) };
    return Object.keys(config).length > 0 ? [[name, config] as const] : [];
  });
  return {
    MCP_TOOLS: tools.map(({ name }) => name).join(','),
    MCP_TOOL_CONFIG: configured.length > 0 ? JSON.stringify(Object.fromEntries(configured)) : '',
  };
}

function storeVariables({ cacheArn, onFailure }: TaskRateLimitStore) {
  return { MCP_RATE_LIMIT_STORE_IAM: cacheArn, MCP_RATE_LIMIT_STORE_FAILURE: onFailure } as const;
}

function serverVariables({ port, path, session }: TaskServer) {
  return { MCP_SERVER_URL: `http://127.0.0.1:${port}${path}`, MCP_SERVER_SESSION: session } as const;
}

function reference(secret: ISecret): string {
  return `aws-secretsmanager:${secret.secretArn}`;
}
