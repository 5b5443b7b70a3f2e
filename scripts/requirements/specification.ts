import { type RequirementList, rows } from './requirement.ts';

const CLIENT = 'it is a duty of the client';

export const specification: RequirementList = {
  title: 'MCP, Security Best Practices',
  url: 'https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices',
  edition: 'of revision 2026-07-28, read on 2026-11-30',
  requirements: rows(`
    MCP-SBP-1 | No confused deputy: the service is no OAuth proxy of another API | noPassthrough, signIn
    MCP-SBP-2 | No token passthrough: only tokens for this server are accepted | jwt, noPassthrough
    MCP-SBP-3 | SSRF: addresses and redirects are checked | ssrf
    MCP-SBP-4 | State handles: every request is verified, and no handle authenticates | stateless, notOffered
    MCP-SBP-5 | A local server restricts access to itself | origin, container | over stdio and on loopback it does; the consent to start it is a duty of the client
    MCP-SBP-6 | Authorization URLs are validated | | ${CLIENT}
    MCP-SBP-7 | A proxy in front of stdio authenticates and isolates | ownServer, noPassthrough
    MCP-SBP-8 | Mix-up attacks are prevented by comparing the issuer | | ${CLIENT}
    MCP-SBP-9 | Loopback redirects cannot be taken over | | it is a duty of the client and the identity provider
    MCP-SBP-10 | The issuer decides which client ID metadata documents it trusts | issuer | the issuer check reports whether it reads them; the policy is the issuer’s
    MCP-SBP-11 | Scopes are minimal and requested step by step | scopes, stepUp
  `),
};
