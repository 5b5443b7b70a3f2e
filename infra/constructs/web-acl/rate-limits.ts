import { assertWithin } from '../../lib/validation.ts';

/** The highest rate WAF counts to. */
const MAX_RATE = 2_000_000_000;

/** How much clients may send before the firewall answers 429. WAF counts with a delay of up to half a minute. */
export interface RateLimitOptions {
  /**
   * Requests one source IP may send in 5 minutes before it is answered 429, 10–2000000000. An address is who connects
   * to the load balancer: behind a CDN or a proxy that is the proxy, for all who come through it.
   *
   * @default 1000
   */
  readonly rateLimitPer5Min?: number;
  /**
   * Calls of one tool, by the `Mcp-Name` header, that one source IP may send in 5 minutes, 10 to `rateLimitPer5Min`:
   * a higher one would never be reached.
   *
   * @default 500, or `rateLimitPer5Min` if that is lower
   */
  readonly toolRateLimitPer5Min?: number;
  /**
   * Requests without a bearer token (metadata, preflights, first attempts) that one source IP may send in 5 minutes,
   * 10 to `rateLimitPer5Min`.
   *
   * @default 200, or `rateLimitPer5Min` if that is lower
   */
  readonly unauthenticatedRateLimitPer5Min?: number;
  /**
   * Requests that all clients together may send in 5 minutes, `rateLimitPer5Min` to 2000000000, before everyone is
   * answered 429: a bound on what a flood from many addresses may cost.
   *
   * @default 100000, or `rateLimitPer5Min` if that is higher
   */
  readonly totalRateLimitPer5Min?: number;
}

/** Requests in five minutes, from the narrowest rate to the widest. */
export type RateLimits = Readonly<Record<'perIpAndTool' | 'perIpWithoutToken' | 'perIp' | 'total', number>>;

/** @throws OptionError on a rate that WAF does not count to, and on one that a wider one makes pointless. */
export function rateLimits(options: RateLimitOptions): RateLimits {
  const perIp = options.rateLimitPer5Min ?? 1000;
  const perIpAndTool = options.toolRateLimitPer5Min ?? Math.min(500, perIp);
  const perIpWithoutToken = options.unauthenticatedRateLimitPer5Min ?? Math.min(200, perIp);
  const total = options.totalRateLimitPer5Min ?? Math.max(100_000, perIp);
  assertWithin('webAcl.rateLimitPer5Min', perIp, 10, MAX_RATE);
  assertWithin('webAcl.toolRateLimitPer5Min', perIpAndTool, 10, perIp);
  assertWithin('webAcl.unauthenticatedRateLimitPer5Min', perIpWithoutToken, 10, perIp);
  assertWithin('webAcl.totalRateLimitPer5Min', total, perIp, MAX_RATE);
  return { perIpAndTool, perIpWithoutToken, perIp, total };
}
