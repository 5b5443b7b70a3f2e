/** Protocols and suites of a security policy, with OpenSSL's names. */
export interface TlsPolicy {
  readonly protocols: readonly string[];
  readonly tls13Suites: readonly string[];
  readonly tls12Suites: readonly string[];
}

/**
 * As AWS documents it ("Security policies for your Application Load Balancer"). The policy's post-quantum key
 * exchange is missing here, because it needs OpenSSL 3.5, and Debian 12 has 3.0.
 */
const POLICIES: Readonly<Record<string, TlsPolicy>> = {
  'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09': {
    protocols: ['TLSv1.2', 'TLSv1.3'],
    tls13Suites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
    tls12Suites: [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
    ],
  },
};

/** @throws Error for a policy without a row: then add it from the AWS page */
export function tlsPolicy(name: string): TlsPolicy {
  const policy = POLICIES[name];
  if (policy === undefined) throw new Error(`tls-policies.ts must have a row for ${name}`);
  return policy;
}
