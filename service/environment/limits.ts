import { integer, oneOf, type Read } from './variables.ts';

export interface LimitsEnvironment {
  /** Requests one client may make in any 60 s, 1–100000. @default 120 */
  readonly clientLimitPerMinute: number;
  /** Calls one client may make of one tool in any 60 s, 1–100000. @default 60 */
  readonly toolLimitPerMinute: number;
  /**
   * Tokens of one source address (IPv6: /64) that may be refused in any 60 s, 1–100000; then its requests get 429 and
   * no token of it is looked at. A company behind one address is never limited by its good requests, but somebody there
   * who goes on sending bad tokens, at the default above 5 a second, locks that address out until he stops. Counted by
   * each task alone.
   *
   * @default 300
   */
  readonly authFailureLimitPerMinute: number;
}

export const LIMIT_VARIABLES = [
  'MCP_CLIENT_LIMIT_PER_MINUTE',
  'MCP_TOOL_LIMIT_PER_MINUTE',
  'MCP_AUTH_FAILURE_LIMIT_PER_MINUTE',
  'MCP_RATE_LIMIT_STORE',
] as const;

type LimitVariable = (typeof LIMIT_VARIABLES)[number];

export function readLimits(read: Read<LimitVariable>): LimitsEnvironment {
  read('MCP_RATE_LIMIT_STORE', oneOf('memory'), 'memory');
  return {
    clientLimitPerMinute: read('MCP_CLIENT_LIMIT_PER_MINUTE', integer(1, 100_000), 120),
    toolLimitPerMinute: read('MCP_TOOL_LIMIT_PER_MINUTE', integer(1, 100_000), 60),
    authFailureLimitPerMinute: read('MCP_AUTH_FAILURE_LIMIT_PER_MINUTE', integer(1, 100_000), 300),
  };
}
