import type { Check } from '../../check.ts';
import { fail, pass } from '../../verdict.ts';
import { findDocument, WELL_KNOWN } from './document.ts';

export const metadataResource: Check = {
  id: 'metadata/resource',
  title: 'The resource in the metadata is the URL of the endpoint',
  fault: 'The resource in the metadata is another URL',
  severity: 'medium',
  why: 'Clients refuse the metadata, or get tokens that another server accepts too',
  sends: 'GET to the metadata document',
  fix: 'Set resource to the exact public URL of the endpoint; clients refuse metadata for another URL',
  reference: 'RFC 9728 §3.3',
  baseline: 'answer',
  async run(probe) {
    const { path, document } = await findDocument(probe);
    const { url } = probe.target;
    const resource = URL.parse(String(document['resource']));
    const bare = (one: URL) => `${one.origin}${one.pathname.replace(/\/$/, '')}${one.search}`;
    // The document at the root may name the whole origin.
    const names = [bare(url), ...(path === WELL_KNOWN ? [url.origin] : [])];
    const right = resource !== null && names.includes(bare(resource));
    return (right ? pass : fail)(`resource is ${JSON.stringify(document['resource'])}`);
  },
};
