import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { DeployedVariables } from '../../service/environment.ts';
import { assertOAuth, type OAuthOptions } from './oauth.ts';
import { assertMatches, assertOneOf, assertWithin, DOMAIN_NAME, NOTHING } from './validation.ts';

/** What a fork may tell the service. Bounds are the service's own; a contract test holds the two together. */
export interface TaskEnvironmentOptions {
  /** `direct` fetches pages from the task; `webscraping-ai` asks that service, with a key. @default 'direct' */
  readonly engine?: 'direct' | 'webscraping-ai';
  /**
   * Whose tokens let clients in. There is then no list of tokens, and no secret for one.
   *
   * @default - the clients of the token list, by their SHA-256
   */
  readonly oauth?: OAuthOptions;
  /** Hosts that may be scraped: `example.com`, `*.example.com`, or `*` alone for any public host. @default - none */
  readonly allowedDomains?: readonly string[];
  /**
   * Exact origins of browser clients: `https://app.example.com`, or those of extensions and desktop programs, such as
   * `chrome-extension://ID`, `moz-extension://ID` and `vscode-webview://ID`. @default - none
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * Proxies through which a client's request comes, 1–5, the load balancer included: 2 with CloudFront before it. Audit
   * records and limits name the client that the outermost one saw, so nobody may reach the load balancer past the
   * others (`edge.allowedCidrs`): whoever does chooses his address. The firewall goes on counting the address that
   * connects to the load balancer.
   *
   * @default 1
   */
  readonly trustedHops?: number;
  /** Requests one client may make in any 60 s, to one task or, with `limitStore`, to all, 1–100000. @default 120 */
  readonly clientLimitPerMinute?: number;
  /** Calls one client may make of one tool in any 60 s, counted in the same place, 1–100000. @default 60 */
  readonly toolLimitPerMinute?: number;
  /**
   * Tokens of one source address (IPv6: /64) that may be refused in any 60 s, counted by each task alone, 1–100000;
   * then its requests get 429 and no token of it is looked at, but for those that were good in the last 5 minutes.
   * Good requests never count; somebody who goes on sending bad tokens, at the default above 5 a second, keeps out only
   * those clients that share his address and were not in use when he began.
   *
   * @default 300
   */
  readonly authFailureLimitPerMinute?: number;
  /** Largest request body in bytes, 1024–4194304. @default 262144 */
  readonly maxBodyBytes?: number;
  /**
   * Deadline of one scrape in milliseconds, 100–50000: below the load balancer's idle timeout of 60 s. A task that
   * stops finishes calls for 25 s; with more than that here, a deployment or scaling in can answer a slow call with
   * 503 `restarting`.
   *
   * @default 15000
   */
  readonly scrapeTimeoutMs?: number;
  /** Largest page in bytes after decompression, 1024–2097152; what is beyond is cut off. @default 1048576 */
  readonly scrapeMaxBytes?: number;
}

export interface TaskEnvironmentProps extends TaskEnvironmentOptions {
  readonly domainName: string;
  readonly port: number;
  /** The token list; absent with `oauth`. */
  readonly tokens?: ISecret;
  readonly auditKey: ISecret;
  readonly apiKey?: ISecret;
  /** Who counts for all tasks together. @default - each task counts for itself */
  readonly limitStore?: TaskLimitStore | undefined;
}

/** Where the service counts, and the cache it signs in to for that. */
export interface TaskLimitStore {
  readonly url: string;
  readonly cacheArn: string;
  readonly failure: 'closed' | 'open';
}

/** The container's environment: settings and references to secrets, never a secret. */
export function taskEnvironment(props: TaskEnvironmentProps): Record<string, string> {
  const engine = props.engine ?? 'direct';
  const allowedDomains = props.allowedDomains ?? [];
  const allowedOrigins = props.allowedOrigins ?? [];
  const numbers = {
    trustedHops: bounded('task.trustedHops', props.trustedHops ?? 1, 1, 5),
    clientLimitPerMinute: bounded('task.clientLimitPerMinute', props.clientLimitPerMinute ?? 120, 1, 100_000),
    toolLimitPerMinute: bounded('task.toolLimitPerMinute', props.toolLimitPerMinute ?? 60, 1, 100_000),
    authFailureLimitPerMinute: bounded(
      'task.authFailureLimitPerMinute',
      props.authFailureLimitPerMinute ?? 300,
      1,
      100_000,
    ),
    maxBodyBytes: bounded('task.maxBodyBytes', props.maxBodyBytes ?? 262_144, 1024, 4_194_304),
    scrapeTimeoutMs: bounded('task.scrapeTimeoutMs', props.scrapeTimeoutMs ?? 15_000, 100, 50_000),
    scrapeMaxBytes: bounded('task.scrapeMaxBytes', props.scrapeMaxBytes ?? 1_048_576, 1024, 2_097_152),
  };
  assertOneOf('task.engine', engine, ['direct', 'webscraping-ai']);
  for (const domain of allowedDomains) {
    const name = domain === '*' ? 'any.example' : domain.replace(/^\*\./, '');
    if (!DOMAIN_NAME.test(name)) assertMatches('task.allowedDomains', domain, NOTHING, DOMAIN_RULE);
  }
  for (const origin of allowedOrigins) {
    if (APP_ORIGIN.test(origin)) continue;
    if (!origin.startsWith('https:') || URL.parse(origin)?.origin !== origin || origin.includes('*')) {
      assertMatches(
        'task.allowedOrigins',
        origin,
        NOTHING,
        'exact https origins such as https://app.example.com, or of extensions such as chrome-extension://ID',
      );
    }
  }

  const environment: DeployedVariables = {
    HOST: '0.0.0.0',
    PORT: String(props.port),
    MCP_PUBLIC_URL: `https://${props.domainName}/mcp`,
    MCP_ALLOWED_ORIGINS: allowedOrigins.join(','),
    MCP_TRUSTED_HOPS: numbers.trustedHops,
    ...accessVariables(props),
    MCP_AUDIT_KEY: reference(props.auditKey),
    MCP_CLIENT_LIMIT_PER_MINUTE: numbers.clientLimitPerMinute,
    MCP_TOOL_LIMIT_PER_MINUTE: numbers.toolLimitPerMinute,
    MCP_AUTH_FAILURE_LIMIT_PER_MINUTE: numbers.authFailureLimitPerMinute,
    MCP_RATE_LIMIT_STORE: props.limitStore?.url ?? 'memory',
    MCP_MAX_BODY_BYTES: numbers.maxBodyBytes,
    SCRAPE_ENGINE: engine,
    SCRAPE_ALLOWED_DOMAINS: allowedDomains.join(','),
    SCRAPE_TIMEOUT_MS: numbers.scrapeTimeoutMs,
    SCRAPE_MAX_BYTES: numbers.scrapeMaxBytes,
  };
  const all = {
    ...environment,
    ...(props.limitStore && storeVariables(props.limitStore)),
    ...(props.apiKey && { SCRAPE_API_KEY: reference(props.apiKey) }),
  };
  // An empty variable counts as absent in the service; ECS does not keep it anyway.
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

function accessVariables({ oauth, tokens }: TaskEnvironmentProps) {
  if (oauth === undefined) {
    if (tokens === undefined) throw new Error('tokens mode without a secret for the token list');
    return { MCP_AUTH_MODE: 'tokens', MCP_AUTH_TOKENS: reference(tokens) } as const;
  }
  assertOAuth(oauth);
  return {
    MCP_AUTH_MODE: 'oauth',
    MCP_OAUTH_ISSUER: oauth.issuer,
    MCP_OAUTH_AUDIENCE: oauth.audience ?? '',
    MCP_OAUTH_JWKS_URL: oauth.jwksUrl ?? '',
    MCP_OAUTH_SCOPE_PREFIX: oauth.scopePrefix ?? '',
  } as const;
}

function storeVariables({ cacheArn, failure }: TaskLimitStore) {
  return { MCP_RATE_LIMIT_STORE_IAM: cacheArn, MCP_RATE_LIMIT_STORE_FAILURE: failure } as const;
}

/** As in service/environment/variables.ts: an extension's, an editor's or a desktop program's, to the letter. */
const APP_ORIGIN =
  /^(?!https?:|wss?:|ftp:|file:|data:|blob:|about:|javascript:)[a-z][a-z0-9+.-]*:\/\/[\w.-]{1,253}$/;

const DOMAIN_RULE =
  'domains such as example.com or *.example.com (IDN as punycode), or * for any public host';

function bounded(option: string, value: number, minimum: number, maximum: number): string {
  assertWithin(option, value, minimum, maximum);
  return String(value);
}

function reference(secret: ISecret): string {
  return `aws-secretsmanager:${secret.secretArn}`;
}
