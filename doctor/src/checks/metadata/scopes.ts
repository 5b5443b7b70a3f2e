import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { findDocument, listOf } from './document.ts';

export const metadataScopes: Check = {
  id: 'metadata/scopes',
  title: 'The metadata lists no excessive scopes or token methods',
  fault: 'The metadata lists excessive scopes or token methods',
  severity: 'low',
  why: 'Clients ask for every listed scope, so a stolen token opens more than it was needed for',
  sends: 'GET to the metadata document',
  fix: 'Remove wildcards and offline_access from scopes_supported, and query and body from bearer_methods_supported',
  reference: 'MCP 2026-07-28 Security Best Practices, Scope Minimization; Authorization, Refresh Tokens',
  baseline: 'answer',
  async run(probe) {
    const { document } = await findDocument(probe);
    const scopes = listOf(document['scopes_supported']).map(String);
    const methods = listOf(document['bearer_methods_supported']).map(String);
    const wide = [
      ...scopes.filter((scope) => /\*|^(?:all|full[-_.]?access|offline_access)$/i.test(scope)),
      ...methods.filter((method) => method !== 'header'),
    ];
    if (wide.length > 0) return fail(wide.join(', '));
    return pass(`scopes ${scopes.join(' ')}; methods ${methods.join(' ')}`);
  },
};
