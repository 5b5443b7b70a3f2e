import type { Check } from '../../check.ts';
import { fail, inconclusive, pass } from '../../verdict.ts';
import { challengeOf } from './challenge-of.ts';
import { addressOf, documentIn, findDocument, refusalOf, WELL_KNOWN } from './document.ts';

export const metadataLocation: Check = {
  id: 'metadata/location',
  title: 'The challenge points to a metadata document on the same host',
  fault: 'The challenge points to no metadata document on the same host',
  severity: 'medium',
  why: 'Clients ask another host who issues the tokens, or cannot log in',
  sends: 'GET to the address in the challenge if it is on this host; nothing to any other host',
  fix: `Set resource_metadata to https://HOST${WELL_KNOWN}/PATH, and serve the document there`,
  frameworks: { 'TypeScript SDK': 'app.use(mcpAuthMetadataRouter({ oauthMetadata, resourceServerUrl }))' },
  reference: 'RFC 9728 §3.1, §5.1; MCP 2026-07-28 Authorization Server Discovery',
  baseline: 'denial',
  async run(probe) {
    const value = challengeOf(refusalOf(probe))?.['resource_metadata'];
    if (value === undefined) {
      const { path } = await findDocument(probe);
      return pass(`not in the challenge, but at ${path}`);
    }
    const address = addressOf(probe);
    if (address?.protocol !== probe.target.url.protocol)
      return fail(`it points to ${value}, which received no request`);
    const path = `${address.pathname}${address.search}`;
    const answer = await probe.send({ method: 'GET', path, auth: 'none' });
    const said = `${value}: ${probe.describe(answer)}`;
    if (answer.failure === 'timeout') return inconclusive(said);
    return (documentIn(answer) !== undefined ? pass : fail)(said);
  },
};
