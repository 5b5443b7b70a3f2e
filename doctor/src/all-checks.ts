import type { Check } from './check.ts';
import { AUTHENTICATION_CHECKS } from './checks/authentication.ts';
import { BODY_CHECKS, SLOW_BODY_CHECKS } from './checks/bodies.ts';
import { CERTIFICATE_CHECKS } from './checks/certificate.ts';
import { ERA_CHECKS } from './checks/eras.ts';
import { HEADER_CHECKS, OBSERVED_HEADER_CHECKS } from './checks/headers.ts';
import { JSON_RPC_CHECKS } from './checks/json-rpc.ts';
import { LEAKAGE_CHECKS, PROVOCATION_CHECKS } from './checks/leakage.ts';
import { METADATA_CHECKS } from './checks/metadata.ts';
import { MISMATCH_CHECKS } from './checks/mismatch.ts';
import { ORIGIN_AND_HOST_CHECKS } from './checks/origin-and-host.ts';
import { PLAIN_HTTP_CHECKS } from './checks/plain-http.ts';
import { RATE_LIMIT_CHECKS } from './checks/rate-limits.ts';
import { SSRF_CHECKS } from './checks/ssrf.ts';
import { AFTERMATH_CHECKS, SURFACE_CHECKS } from './checks/surface.ts';
import { TLS_CHECKS } from './checks/tls.ts';

/** A group of checks that run at the same time. */
export interface Phase {
  readonly checks: readonly Check[];
  /** Number of checks in parallel. */
  readonly concurrency: number;
}

/** The phases in order. Checks that may put load on the server run late; checks that read all responses run after them. */
export const PHASES: readonly Phase[] = [
  {
    concurrency: 4,
    checks: [
      ...SLOW_BODY_CHECKS,
      ...TLS_CHECKS,
      ...CERTIFICATE_CHECKS,
      ...PLAIN_HTTP_CHECKS,
      ...HEADER_CHECKS,
      ...AUTHENTICATION_CHECKS,
      ...METADATA_CHECKS,
      ...ORIGIN_AND_HOST_CHECKS,
      ...SURFACE_CHECKS,
      ...JSON_RPC_CHECKS,
      ...MISMATCH_CHECKS,
      ...ERA_CHECKS,
      ...SSRF_CHECKS,
      ...PROVOCATION_CHECKS,
    ],
  },
  { concurrency: 1, checks: [...BODY_CHECKS, ...AFTERMATH_CHECKS] },
  { concurrency: 1, checks: [...OBSERVED_HEADER_CHECKS, ...LEAKAGE_CHECKS] },
  { concurrency: 1, checks: RATE_LIMIT_CHECKS },
];

export const ALL_CHECKS: readonly Check[] = PHASES.flatMap(({ checks }) => checks);
