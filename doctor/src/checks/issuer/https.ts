import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { findIssuerMetadata } from './find-metadata.ts';

export const issuerHttps: Check = {
  id: 'issuer/https',
  title: 'Every address of the authorization server is https',
  fault: 'An address of the authorization server is not https',
  severity: 'high',
  why: 'Codes, tokens and client secrets cross the network unencrypted',
  sends: 'with --issuer: GET to the metadata of the authorization server',
  fix: 'Publish https URLs for the issuer and for every endpoint',
  reference: 'MCP 2026-07-28 Authorization, Communication Security; RFC 8414 §2',
  option: ['issuer', 'needs --issuer URL'],
  baseline: 'nothing',
  async run(probe) {
    const { document } = await findIssuerMetadata(probe);
    const addresses = Object.entries(document).filter(([name]) =>
      /^issuer$|_endpoint$|^jwks_uri$/.test(name),
    );
    const isLocal = (url: URL | null) =>
      url !== null && /^(?:localhost|127\.|\[::1\])/.test(url.host) && url.protocol === 'http:';
    const open = addresses.filter(([, value]) => {
      const url = URL.parse(String(value));
      return url?.protocol !== 'https:' && !isLocal(url);
    });
    if (open.length > 0) return fail(open.map(([name, value]) => `${name}: ${String(value)}`).join('; '));
    return pass(`${addresses.length} addresses`);
  },
};
