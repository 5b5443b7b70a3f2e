/*
 * Values that the stack and the service share: plain data, so that the stack can import it.
 */

/** The port of a deployed service. */
export const DEPLOYED_PORT = 8443;

/** The released revisions of MCP, oldest first. */
export const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;

/** The path of the health check. */
export const HEALTH_PATH = '/healthz';

/** The paths of the protected-resource metadata: RFC 9728 §3.1 puts the path of the resource behind the first. */
export const METADATA_PATH = '/.well-known/oauth-protected-resource';
export const METADATA_PATHS: readonly string[] = [METADATA_PATH, `${METADATA_PATH}/mcp`];

/** Characters and length of a URL in a setting. */
export const URL_TEXT = /^[\x21-\x7e]{1,512}$/;

/** An audience, or the prefix of a scope: printable ASCII without blanks and quotes. */
export const PRINTABLE = /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/;

/** Names of tools that every client and model provider accepts; several refuse a dot, or cut off after 64 characters. */
export const TOOL_NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** A scope token, RFC 6749 §3.3. */
export const SCOPE_TOKEN = /^[!#-[\]-~]{1,64}$/;

/**
 * Data that the log group masks for readers without `logs:Unmask`: names, and expressions in the syntax of CloudWatch Logs'
 * custom data identifiers. These have at most 200 letters, digits, spaces and `_#=@/;,-^$?[]{}|\*+.`, so no parentheses
 * (CloudWatch Logs user guide, "Custom data identifiers"). `[ #-z]` is the space and every character from `#` to `z`: no
 * expression matches a quote, so no match extends beyond one string of a line.
 *
 * The service writes no record that they would change (service/logging/without-masked.ts). Identifiers that AWS manages
 * are not used: their expressions are not published, so the service could not keep that promise.
 */
export const MASKS: Readonly<Record<string, string>> = {
  BearerToken: '[Bb]earer [A-Za-z0-9._/+=-]{16,}',
  JsonWebToken: 'eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{4,}[.][A-Za-z0-9_-]*',
  AwsSecretAccessKey:
    '[Ss][Ee][Cc][Rr][Ee][Tt][_ -]?[Aa][Cc][Cc][Ee][Ss][Ss][_ -]?[Kk][Ee][Yy][ #-z]{0,8}[A-Za-z0-9/+=]{40}',
  PrivateKey: '-----BEGIN [A-Z ]{0,40}PRIVATE KEY[ #-z]*',
};

/** Bounds and default of a whole number, in the unit that its name states. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** Bounds of settings that the stack passes to the service. Both check against them, so they accept the same values. */
export const BOUNDS = {
  trustedHops: { min: 1, max: 5, default: 1 },
  // A hosted connector is one client for all people of a company: room for ten of them at their own limit.
  clientLimitPerMinute: { min: 1, max: 100_000, default: 1200 },
  userLimitPerMinute: { min: 1, max: 100_000, default: 120 },
  toolLimitPerMinute: { min: 1, max: 100_000, default: 60 },
  authFailureLimitPerMinute: { min: 1, max: 100_000, default: 300 },
  maxBodyBytes: { min: 1024, max: 4 * 1024 * 1024, default: 256 * 1024 },
  scrapeTimeoutMs: { min: 100, max: 50_000, default: 15_000 },
  scrapeMaxBytes: { min: 1024, max: 2 * 1024 * 1024, default: 1024 * 1024 },
} as const satisfies Record<string, Bounds>;

/**
 * The origin of a page that no web server sent: a browser extension, an editor's view or a desktop program. Compared
 * exactly as the client sends it.
 */
export const APP_ORIGIN =
  /^(?!https?:|wss?:|ftp:|file:|data:|blob:|about:|javascript:)[a-z][a-z0-9+.-]*:\/\/[\w.-]{1,253}$/;
