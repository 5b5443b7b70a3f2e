import type { z } from 'zod';
import type { SecretReference } from '../secrets/reference.ts';
import { BOUNDS } from './bounds.ts';
import {
  oneOf,
  type Read,
  type Refuse,
  required,
  secret,
  text,
  type Unchecked,
  within,
} from './variables.ts';

export interface LimitsEnvironment {
  /** Requests that one client may make in any 60 s, for all its users together, 1–100000. @default 1200 */
  readonly clientLimitPerMinute: number;
  /** Requests that one user of a client may make in any 60 s, 1–100000. @default 120 */
  readonly userLimitPerMinute: number;
  /**
   * Calls of one tool that one user of a client, or a client without users, may make in any 60 s, 1–100000. @default 60
   */
  readonly toolLimitPerMinute: number;
  /** Store that counts limits for all tasks together. @default - each task counts for itself, in memory */
  readonly store?: LimitStore | undefined;
  /**
   * Tokens of one source address (IPv6: /64) that may be refused in any 60 s, 1–100000. Above it the address gets 429,
   * and its tokens are not checked unless they were valid in the last 5 minutes. Accepted requests never count, so many
   * clients may share one address. A client there that keeps sending bad tokens, at the default above 5 a second,
   * blocks only clients that were not active when it began. Each task counts for itself.
   *
   * @default 300
   */
  readonly authFailureLimitPerMinute: number;
}

/** A Valkey or Redis server. */
export interface LimitStore {
  readonly server: {
    /** Whether the connection is encrypted. Unencrypted is for loopback in the local profile only. */
    readonly tls: boolean;
    readonly host: string;
    /** 1–65535. @default 6379 */
    readonly port: number;
    /** ACL user. @default - the server's default user */
    readonly username?: string | undefined;
  };
  /** Secret reference of the server's password; required with a user unless `iam` is set. @default - none is sent */
  readonly password?: SecretReference | undefined;
  /** The ElastiCache Serverless cache at `address`. Tokens of the task's IAM role are then the password. */
  readonly iam?: ServerlessCache | undefined;
  /** While the server is down: `deny` responds 503, `allow` lets each task count for itself. @default deny */
  readonly failure: 'deny' | 'allow';
}

/** An ElastiCache Serverless cache, as its ARN names it. */
export interface ServerlessCache {
  readonly region: string;
  readonly name: string;
}

/** Variables that only apply with a rate limit store. */
const STORE_VARIABLES = [
  'MCP_RATE_LIMIT_STORE_PASSWORD',
  'MCP_RATE_LIMIT_STORE_IAM',
  'MCP_RATE_LIMIT_STORE_FAILURE',
] as const;

export type StoreVariable = (typeof STORE_VARIABLES)[number];

export const LIMIT_VARIABLES = [
  'MCP_CLIENT_LIMIT_PER_MINUTE',
  'MCP_USER_LIMIT_PER_MINUTE',
  'MCP_TOOL_LIMIT_PER_MINUTE',
  'MCP_AUTH_FAILURE_LIMIT_PER_MINUTE',
  'MCP_RATE_LIMIT_STORE',
  ...STORE_VARIABLES,
] as const;

type LimitVariable = (typeof LIMIT_VARIABLES)[number];

/** Scheme, user, host and port. */
const STORE_URL =
  /^(rediss?):\/\/(?:([\w.-]{1,128})@)?(\[[\dA-Fa-f:.]{2,45}\]|\w[\w.-]{0,252})(?::([1-9]\d{0,4}))?\/?$/;

function storeServer(deployed: boolean): z.ZodType<LimitStore['server'] | 'memory', string> {
  return text((value) => {
    if (value === 'memory') return value;
    const url = URL.parse(value);
    if (url?.password) {
      throw new Error('must hold no password; refer to it in MCP_RATE_LIMIT_STORE_PASSWORD');
    }
    const [, scheme, username, host = '', port = '6379'] = STORE_URL.exec(value) ?? [];
    const local = !deployed && ['127.0.0.1', '[::1]', 'localhost'].includes(host);
    if (url === null || !(scheme === 'rediss' || (scheme === 'redis' && local))) {
      const plain = deployed ? '' : ', or redis://HOST[:PORT] on loopback';
      throw new Error(`must be memory or rediss://[USER@]HOST[:PORT]${plain}`);
    }
    return { tls: scheme === 'rediss', host: host.replace(/^\[|\]$/g, ''), port: Number(port), username };
  });
}

const cacheArn = text((value): ServerlessCache => {
  const form = /^arn:aws[\w-]*:elasticache:([a-z0-9-]+):\d{12}:serverlesscache:([a-z][a-z0-9-]{0,39})$/;
  const [, region, name] = form.exec(value) ?? [];
  if (!region || !name) throw new Error('must be the ARN of an ElastiCache Serverless cache');
  return { region, name };
});

export function readLimits(
  read: Read<LimitVariable>,
  refuse: Refuse<LimitVariable>,
  { deployed, stdio }: { deployed: boolean; stdio: boolean },
): Unchecked<Omit<LimitsEnvironment, 'store'>> & { readonly store: Unchecked<LimitStore> | undefined } {
  const server = read('MCP_RATE_LIMIT_STORE', storeServer(deployed), 'memory');
  const memory = server === 'memory';
  for (const name of STORE_VARIABLES) {
    refuse(name, memory, 'needs MCP_RATE_LIMIT_STORE rediss://HOST; set that or remove it');
  }
  refuse('MCP_RATE_LIMIT_STORE', !memory && stdio, 'must be memory for stdio, which has one client');
  const named = !memory && server?.username !== undefined;
  const iam = read('MCP_RATE_LIMIT_STORE_IAM', cacheArn, undefined);
  refuse(
    'MCP_RATE_LIMIT_STORE_PASSWORD',
    iam !== undefined,
    'and MCP_RATE_LIMIT_STORE_IAM exclude each other',
  );
  refuse(
    'MCP_RATE_LIMIT_STORE_IAM',
    !memory && !(named && server?.tls),
    'needs a user in MCP_RATE_LIMIT_STORE, rediss://USER@HOST',
  );
  const store = {
    password: read('MCP_RATE_LIMIT_STORE_PASSWORD', secret, named && !iam ? required : undefined),
    ...(iam && { iam }),
    failure: read('MCP_RATE_LIMIT_STORE_FAILURE', oneOf('deny', 'allow'), 'deny'),
  };
  const {
    clientLimitPerMinute: client,
    userLimitPerMinute: user,
    toolLimitPerMinute: tool,
    authFailureLimitPerMinute: failures,
  } = BOUNDS;
  return {
    clientLimitPerMinute: read('MCP_CLIENT_LIMIT_PER_MINUTE', within(client), client.default),
    userLimitPerMinute: read('MCP_USER_LIMIT_PER_MINUTE', within(user), user.default),
    toolLimitPerMinute: read('MCP_TOOL_LIMIT_PER_MINUTE', within(tool), tool.default),
    store: memory ? undefined : { server, ...store },
    authFailureLimitPerMinute: read('MCP_AUTH_FAILURE_LIMIT_PER_MINUTE', within(failures), failures.default),
  };
}
