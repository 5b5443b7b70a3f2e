import { groupOf } from './groups.ts';

/**
 * Risks of the OWASP MCP Top 10 (v0.1) that a failed check shows. Absent where none clearly fits.
 *
 * @see https://owasp.org/www-project-mcp-top-10/
 */
const RISKS: Readonly<Record<string, readonly string[]>> = {
  authentication: ['MCP07'],
  'authentication/token-in-query': ['MCP01', 'MCP07'],
  'definitions/annotations': ['MCP03'],
  'definitions/instructions': ['MCP03', 'MCP06'],
  'definitions/invisible': ['MCP03', 'MCP06'],
  'definitions/names': ['MCP03'],
  'definitions/pinned': ['MCP03'],
  'definitions/secrets': ['MCP01'],
  'definitions/stable': ['MCP03'],
  host: ['MCP07'],
  injection: ['MCP05'],
  issuer: ['MCP07'],
  'leakage/token': ['MCP01'],
  metadata: ['MCP07'],
  'metadata/scopes': ['MCP02'],
  origin: ['MCP07'],
  'plain-http/port': ['MCP01'],
  'rate-limits/bad-tokens': ['MCP07'],
  sessions: ['MCP07'],
  'sessions/other-token': ['MCP07', 'MCP10'],
  'surface/files': ['MCP01'],
  'surface/old-transport': ['MCP07'],
  'surface/path-variants': ['MCP07'],
  'tls/encrypted': ['MCP01'],
};

/** For example `OWASP-MCP07`. The entry of a check replaces the one of its group. */
export function requirementsOf(check: { readonly id: string }): readonly string[] {
  return (RISKS[check.id] ?? RISKS[groupOf(check)] ?? []).map((risk) => `OWASP-${risk}`);
}
