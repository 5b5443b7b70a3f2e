import type { Check } from '../../check.ts';
import { bearer, tryCredentials } from './try-credential.ts';

export const authenticationExpiredToken: Check = {
  id: 'authentication/expired-token',
  title: 'An expired token is refused',
  fault: 'An expired token is accepted',
  severity: 'high',
  why: 'A token that leaked once opens the server for ever',
  sends: 'a list with the token in MCP_EXPIRED_TOKEN',
  fix: 'Check the expiry of the token on every request',
  frameworks: { 'TypeScript SDK': 'set expiresAt in AuthInfo; requireBearerAuth compares it' },
  reference: 'MCP 2026-07-28 Authorization, Token Handling',
  option: ['expiredToken', 'MCP_EXPIRED_TOKEN is not set'],
  baseline: 'denial',
  async run(probe, era) {
    return await tryCredentials(probe, era, [bearer(probe.options.expiredToken ?? '')]);
  },
};
