import { type RequirementList, rows } from './requirement.ts';

export const nsa: RequirementList = {
  title: 'NSA, Security Design Considerations for MCP (U/OO/6030316-26)',
  url: 'https://media.defense.gov/2026/Jun/02/2003943289/-1/-1/0/CSI_MCP_SECURITY.PDF',
  edition: 'of 2026-05-20; its items by summaries, because the PDF itself could not be read',
  requirements: rows(`
    NSA-1 | A filtering proxy for egress, data loss prevention | egress, network | names are restricted and logged, and there is a mode without internet; there is no proxy by URL and no scan of results
    NSA-2 | Sandboxed and constrained execution of tools | container, schemas
    NSA-3 | Signed messages, protected against replay | | no MCP client of today can do it, so a server that requires it has no users
    NSA-4 | Results are filtered | output | control and invisible characters are removed and text is marked; content is not classified
    NSA-5 | Collisions of names and changed tools are detected | toolLock
    NSA-6 | Detailed audit logs for a SIEM | audit, auditChain, users, trace | records are JSON in an archive; no mapping to OCSF is included
    NSA-7 | The network is searched for unknown servers | | it is a duty of your organization; the doctor examines the endpoints that it is given
    NSA-8 | Validation, rate limits and policy | input, rateLimits, webAcl, accessList
    NSA-9 | Indirect prompt injection is detected | output | it is contained by marks and limits, not detected: phrases can be paraphrased
  `),
};
