import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { findIssuerMetadata, listOf } from './find-metadata.ts';

export const issuerPkce: Check = {
  id: 'issuer/pkce',
  title: 'The authorization server supports PKCE with S256, and not plain',
  fault: 'The authorization server does not announce PKCE with S256, or also accepts plain',
  severity: 'high',
  why: 'An attacker who sees an authorization code exchanges it; MCP clients must refuse such a server',
  sends: 'with --issuer: GET to the metadata of the authorization server',
  fix: 'Set code_challenge_methods_supported to ["S256"]',
  reference: 'MCP 2026-07-28 Authorization, Security Considerations; RFC 7636; RFC 9700 §2.1.1',
  option: ['issuer', 'needs --issuer URL'],
  baseline: 'nothing',
  async run(probe) {
    const { document } = await findIssuerMetadata(probe);
    const methods = listOf(document['code_challenge_methods_supported']);
    const said = `code_challenge_methods_supported is ${JSON.stringify(methods)}`;
    if (!methods.includes('S256')) return fail(said);
    return methods.includes('plain') ? fail(said, 'low') : pass(said);
  },
};
