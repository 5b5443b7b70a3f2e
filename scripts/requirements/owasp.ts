import { type RequirementList, rows } from './requirement.ts';

export const owaspTop10: RequirementList = {
  title: 'OWASP MCP Top 10',
  url: 'https://owasp.org/www-project-mcp-top-10/',
  edition: 'v0.1 (beta), read on 2026-11-30',
  requirements: rows(`
    OWASP-MCP01 | Tokens and secrets are neither exposed nor long-lived | secrets, rotation, tokens, redaction, errors, noPassthrough
    OWASP-MCP02 | Permissions do not grow unnoticed | scopes, stepUp, accessList | a review of granted scopes and tokens bound to a client are missing
    OWASP-MCP03 | Tool definitions cannot be poisoned | toolLock, schemas
    OWASP-MCP04 | Dependencies and build cannot be tampered with | supplyChain, provenance, updates
    OWASP-MCP05 | Arguments execute no command | input, schemas, container
    OWASP-MCP06 | Retrieved text does not change the intent of an agent | output | text is cleaned and marked as untrusted; the reaction of a model is outside of the server
    OWASP-MCP07 | Authentication and authorization are sufficient | tokens, jwt, scopes, mutualTls | tokens are not bound to a key of the client; mutual TLS is an option
    OWASP-MCP08 | Audit and telemetry are complete, with users | audit, auditChain, users, trace, alarms
    OWASP-MCP09 | No unknown servers run | network | an inventory is a duty of your organization; the doctor examines the endpoints that it is given
    OWASP-MCP10 | Context is not shared between users | stateless, isolation, toolList
  `),
};

export const owaspCheatSheet: RequirementList = {
  title: 'OWASP MCP Security Cheat Sheet',
  url: 'https://cheatsheetseries.owasp.org/cheatsheets/MCP_Security_Cheat_Sheet.html',
  edition: 'read on 2026-11-30',
  requirements: rows(`
    OWASP-CS-1 | Least privilege for each server | scopes, container
    OWASP-CS-2 | Definitions and schemas are pinned and strict | toolLock, schemas
    OWASP-CS-3 | Servers are sandboxed | container, network
    OWASP-CS-4 | A person confirms sensitive actions | annotations | the included tools only read, and tools state whether they change anything; the client asks the person
    OWASP-CS-5 | Input and output are validated, SSRF is prevented | input, output, ssrf
    OWASP-CS-6 | Authentication, TLS, limits, \`Host\` check | tokens, jwt, tls, rateLimits, origin
    OWASP-CS-7 | Messages are signed and protected against replay | | no MCP client of today can do it, so a server that requires it has no users
    OWASP-CS-8 | Servers are isolated from each other | ownServer, noPassthrough
    OWASP-CS-9 | The supply chain is verified | supplyChain, provenance
    OWASP-CS-10 | Calls are logged, redacted, and anomalies reported | audit, redaction, alarms | there is no anomaly detector
    OWASP-CS-11 | A person consents to an installation | | it is a duty of the client
    OWASP-CS-12 | Results are treated as untrusted | output | text is cleaned and marked; phrases that look like instructions are not searched for, because they can be paraphrased
  `),
};

export const owaspGuide: RequirementList = {
  title: 'OWASP, A Practical Guide for Secure MCP Server Development',
  url: 'https://genai.owasp.org/resource/a-practical-guide-for-secure-mcp-server-development/',
  edition:
    'v1.0 of 2026-02-16; its chapters by summaries, because the document itself could not be read in full',
  requirements: rows(`
    OWASP-GUIDE-1 | Secure architecture: sessions and users are isolated | stateless, isolation
    OWASP-GUIDE-2 | Safe tools: signed manifests, approval of new tools | toolLock, provenance | definitions are pinned and reviewed; the signature is that of the image
    OWASP-GUIDE-3 | Validation and resource limits | schemas, input, bounds, rateLimits
    OWASP-GUIDE-4 | Controls against prompt injection | output, annotations | text is cleaned and marked; the approval of a person is a duty of the client
    OWASP-GUIDE-5 | OAuth 2.1, short-lived tokens, no passthrough | jwt, signIn, noPassthrough
    OWASP-GUIDE-6 | Hardened deployment, secrets in a vault | container, network, secrets
    OWASP-GUIDE-7 | Governance: audit, versions, review | audit, auditChain, updates
    OWASP-GUIDE-8 | Continuous validation by tools | supplyChain, toolLock
  `),
};
