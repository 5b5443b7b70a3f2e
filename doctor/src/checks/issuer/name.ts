import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { findIssuerMetadata } from './find-metadata.ts';

export const issuerName: Check = {
  id: 'issuer/name',
  title: 'The issuer in the metadata of the authorization server is its URL',
  fault: 'The issuer in the metadata of the authorization server is another URL',
  severity: 'high',
  why: 'Clients must refuse it; those that do not can be sent from one issuer to another (mix-up attack)',
  sends: 'with --issuer: GET to the metadata of the authorization server',
  fix: 'Publish exactly the URL that tokens carry as iss, with the same final slash',
  reference: 'RFC 8414 §3.3; RFC 9207 §2.4',
  option: ['issuer', 'needs --issuer URL'],
  baseline: 'nothing',
  async run(probe) {
    const { document } = await findIssuerMetadata(probe);
    const said = `issuer is ${JSON.stringify(document['issuer'])}`;
    const named = probe.issuer?.named;
    const isSame = document['issuer'] === named || document['issuer'] === named?.replace(/\/$/, '');
    return (isSame ? pass : fail)(said);
  },
};
