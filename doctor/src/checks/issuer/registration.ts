import type { Check } from '../../check.ts';
import { fail, inconclusive, notApplicable, pass } from '../../verdict.ts';
import { findIssuerMetadata } from './find-metadata.ts';

export const issuerRegistration: Check = {
  id: 'issuer/registration',
  title: 'Clients cannot register themselves without permission',
  fault: 'Any client can register itself (open dynamic client registration)',
  severity: 'medium',
  why: 'An attacker registers a client with a trusted name and its own redirect address, and users approve it',
  sends:
    'with --issuer: POST to the registration endpoint with metadata that is not valid, so that no client is made',
  fix: 'Turn dynamic registration off, or require an initial access token; use client ID metadata documents',
  reference: 'MCP 2026-07-28 Authorization, Client Registration (deprecates RFC 7591); RFC 7591 §3',
  option: ['issuer', 'needs --issuer URL'],
  baseline: 'nothing',
  async run(probe) {
    const { document } = await findIssuerMetadata(probe);
    const { issuer } = probe;
    const url = URL.parse(String(document['registration_endpoint'] ?? ''));
    if (issuer === undefined || url === null) return pass('no registration_endpoint');
    if (url.host !== issuer.url.host) return notApplicable(`it is on ${url.host}, which received no request`);
    const answer = await issuer.sender.send({
      path: `${url.pathname}${url.search}`,
      headers: { accept: 'application/json' },
      body: JSON.stringify({ redirect_uris: 'not-a-list' }),
    });
    const said = `${url.pathname}: ${probe.describe(answer)}`;
    if (answer.status === 401 || answer.status === 403) return pass(said);
    // The server looked at the metadata, so it asks for no permission first.
    const isRead =
      answer.status === 201 || (answer.status === 400 && /"error"\s*:\s*"invalid_/.test(answer.text));
    return isRead ? fail(said) : inconclusive(said);
  },
};
