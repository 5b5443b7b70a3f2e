/**
 * Timeouts of the process, in milliseconds. The load balancer's and ECS's (infra/lib/timeouts.ts) lie between these;
 * test/contract/timeouts.test.ts checks the order.
 */
export const TIMEOUTS = {
  tlsHandshake: 10_000,
  /** A request's head must arrive within this, against slow senders. */
  head: 10_000,
  /** A complete request must arrive within this. */
  request: 15_000,
  /** Above the load balancer's idle timeout, so that it never reuses a connection that is closing (502). */
  keepAlive: 75_000,
  /** A connection without traffic for this long is closed. No tool takes longer, so the client is not reading. */
  silence: 90_000,
  /** For requests in flight to finish once the process is asked to stop. */
  drain: 25_000,
  /** Between the last response to the remaining clients and the closing of their connections. */
  cutGrace: 500,
  /** For the last audit records to be written. */
  flush: 3_000,
} as const;
