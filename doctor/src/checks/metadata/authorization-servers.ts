import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { findDocument, listOf } from './document.ts';

export const metadataAuthorizationServers: Check = {
  id: 'metadata/authorization-servers',
  title: 'The metadata names an issuer with an https URL',
  fault: 'The metadata names no issuer with an https URL',
  severity: 'medium',
  why: 'Clients cannot get a token, or an attacker on the way answers as the issuer',
  sends: 'GET to the metadata document; nothing to the issuer',
  fix: 'List at least one https issuer in authorization_servers',
  reference: 'RFC 9728 §2; MCP 2026-07-28 Authorization Server Discovery',
  baseline: 'answer',
  async run(probe) {
    const { document } = await findDocument(probe);
    const issuers = listOf(document['authorization_servers']);
    const good = issuers.every((issuer) => {
      const url = URL.parse(String(issuer));
      return url?.protocol === 'https:' || (probe.target.loopback && url?.protocol === 'http:');
    });
    const said = `authorization_servers is ${JSON.stringify(document['authorization_servers'])}`;
    return (issuers.length > 0 && good ? pass : fail)(said);
  },
};
