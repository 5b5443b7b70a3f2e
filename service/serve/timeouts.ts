/**
 * How long the process waits, in milliseconds. The load balancer's and ECS's figures (infra/lib/timeouts.ts) lie between
 * these; test/contract/timeouts.test.ts holds the order.
 */
export const TIMEOUTS = {
  tlsHandshake: 10_000,
  /** The head of a request must arrive within this, against slow senders. */
  head: 10_000,
  /** A whole request must arrive within this. */
  request: 15_000,
  /** Above the load balancer's idle timeout, so that it never reuses a connection we are closing (502). */
  keepAlive: 75_000,
  /** A connection on which nothing moves for this long is closed: no tool takes longer, so the client does not read. */
  silence: 90_000,
  /** For requests in flight to finish once the process is asked to stop. */
  drain: 25_000,
  /** From telling those that remain that there is no more time to closing their connections. */
  cutGrace: 500,
  /** For the last audit records to leave. */
  flush: 3_000,
} as const;
