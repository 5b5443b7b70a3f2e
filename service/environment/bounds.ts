/** Bounds and default of a whole number, in the unit that its name states. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/**
 * Bounds of settings that the stack passes to the service. Both check against this table, so they accept the same
 * values.
 */
export const BOUNDS = {
  trustedHops: { min: 1, max: 5, default: 1 },
  clientLimitPerMinute: { min: 1, max: 100_000, default: 120 },
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
