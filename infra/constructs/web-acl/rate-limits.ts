import * as z from 'zod';
import { wholeNumber } from '../../lib/option-types.ts';

/** The highest rate that WAF supports. */
const MAX_RATE = 2_000_000_000;

/** Rate limits, above which the firewall responds 429. WAF counts with a delay of up to half a minute. */
export const rateLimitOptions = {
  rateLimitPer5Min: wholeNumber(10, MAX_RATE)
    .default(1000)
    .describe(
      'Requests one source IP may send in 5 minutes before it gets 429. The address is the one that connects to the ' +
        'load balancer: behind a CDN or a proxy it is the address of the proxy, for all clients that use it. Above 10000 ' +
        'synth fails by the rule `RatePerAddress` until that is acknowledged.',
    ),
  toolRateLimitPer5Min: wholeNumber(10, MAX_RATE)
    .optional()
    .meta({
      description:
        'Calls of one tool, by the `Mcp-Name` header, that one source IP may send in 5 minutes, up to `rateLimitPer5Min`: a ' +
        'higher one would never be reached.',
      absent: '500, or `rateLimitPer5Min` if that is lower',
    }),
  unauthenticatedRateLimitPer5Min: wholeNumber(10, MAX_RATE)
    .optional()
    .meta({
      description:
        'Requests without a bearer token (metadata, preflights, first attempts) that one source IP may send in 5 minutes, ' +
        'up to `rateLimitPer5Min`.',
      absent: '200, or `rateLimitPer5Min` if that is lower',
    }),
  totalRateLimitPer5Min: wholeNumber(10, MAX_RATE)
    .optional()
    .meta({
      description:
        'Requests that all clients together may send in 5 minutes, at least `rateLimitPer5Min`, before every client ' +
        'gets 429: a bound on the cost of a flood from many addresses.',
      absent: '100000, or `rateLimitPer5Min` if that is higher',
    }),
};

const rates = z.object(rateLimitOptions);

/** Requests in five minutes, from the narrowest rate to the widest. */
export type RateLimits = Readonly<Record<'perIpAndTool' | 'perIpWithoutToken' | 'perIp' | 'total', number>>;

export function rateLimits(options: z.output<typeof rates>): RateLimits {
  const perIp = options.rateLimitPer5Min;
  return {
    perIpAndTool: options.toolRateLimitPer5Min ?? Math.min(500, perIp),
    perIpWithoutToken: options.unauthenticatedRateLimitPer5Min ?? Math.min(200, perIp),
    perIp,
    total: options.totalRateLimitPer5Min ?? Math.max(100_000, perIp),
  };
}

/** Problems of rates that another rate makes unreachable. */
export function checkRates(
  options: z.output<typeof rates>,
  addProblem: (path: PropertyKey[], text: string) => void,
): void {
  const { perIp, perIpAndTool, perIpWithoutToken, total } = rateLimits(options);
  const within = (option: string, value: number, minimum: number, maximum: number) => {
    if (value >= minimum && value <= maximum) return;
    addProblem([option], `must be a whole number from ${minimum} to ${maximum}, got ${value}`);
  };
  within('toolRateLimitPer5Min', perIpAndTool, 10, perIp);
  within('unauthenticatedRateLimitPer5Min', perIpWithoutToken, 10, perIp);
  within('totalRateLimitPer5Min', total, perIp, MAX_RATE);
}
