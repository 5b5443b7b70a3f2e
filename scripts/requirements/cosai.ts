import { type RequirementList, rows } from './requirement.ts';

const NO_CLIENT = 'no MCP client of today can do it, so a server that requires it has no users';
const GATEWAY =
  'it needs a gateway or a policy service of your organization in front of or behind all servers';
const BINDING =
  'bound tokens are refused; docs/identity-providers.md says what DPoP or certificate-bound tokens would need';
const CLIENT = 'it is a duty of the client or of the identity provider; the service cannot enforce it';

/** Controls by level; L1 is for local experiments, and L3 includes L2. */
export const cosai: RequirementList = {
  title: 'CoSAI, Model Context Protocol Security v2, section 3.3.2',
  url: 'https://github.com/cosai-oasis/ws4-secure-design-agentic-systems/blob/main/whitepapers/model-context-protocol-security.md',
  edition: 'Edition of 2026 for MCP 2026-07-28, read in full for section 3.3 on 2026-11-30',
  requirements: rows(`
    COSAI-IDENTITY-1-L2 | OAuth 2.1 with PKCE for remote connections | signIn, jwt
    COSAI-IDENTITY-1-L3 | Short-lived credentials, client ID metadata documents where supported | jwt, issuer | the identity provider decides lifetime and registration; the issuer check reports which ways to register it offers
    COSAI-IDENTITY-1-L4 | Enterprise-managed authorization | jwt | it asks nothing more of the resource server; the identity provider must offer it
    COSAI-IDENTITY-2-L2 | The issuer in the metadata is compared with the expected one | issuer
    COSAI-IDENTITY-2-L3 | \`iss\` of authorization responses is compared (RFC 9207) | | ${CLIENT}
    COSAI-IDENTITY-2-L4 | Central enforcement, and alerts when an issuer changes | | ${GATEWAY}
    COSAI-IDENTITY-3-L2 | Agents have unique identifiers in an inventory | tokens, users | each client has its own id in tokens and records; the inventory is yours
    COSAI-IDENTITY-3-L3 | Workload identity of agents, such as SPIFFE | | ${NO_CLIENT}
    COSAI-IDENTITY-3-L4 | Workload identity with attestation | | ${NO_CLIENT}
    COSAI-IDENTITY-4-L2 | The user for whom a client calls stays known | users, audit
    COSAI-IDENTITY-4-L3 | Token exchange with actor and subject (RFC 8693) | tokenExchange | a tool exchanges the token of the user for one of its upstream system; the service names itself by its credentials, and sends no actor token
    COSAI-IDENTITY-4-L4 | Token exchange that keeps the chain of delegation | | the exchange sends no actor token, so only the issuer can write the chain into the new token
    COSAI-IDENTITY-5-L2 | Credentials in a keychain or secrets manager | secrets
    COSAI-IDENTITY-5-L3 | A secrets manager that rotates by itself | secrets, rotation
    COSAI-IDENTITY-5-L4 | Hardware-backed keystores for long-lived keys | secrets | KMS protects the secrets; the HMAC key of the audit log is in the memory of the process
    COSAI-IDENTITY-6-L2 | Credentials have a bounded lifetime and are rotated | tokens, rotation
    COSAI-IDENTITY-6-L3 | Tokens live minutes to hours | jwt, rotation | the identity provider decides; tokens of the token list live 30 days
    COSAI-IDENTITY-6-L4 | Short-lived tokens bound to their sender | | ${BINDING}
    COSAI-AUTHORIZATION-1-L2 | Tools are allowed by role | scopes, toolList
    COSAI-AUTHORIZATION-1-L3 | Access by attributes, down to the parameters of a call | scopes, accessList, ssrf | scopes for each tool, the access list and the lists of domains decide; there is no policy language for parameters
    COSAI-AUTHORIZATION-1-L4 | Continuous evaluation, anomaly detection, automatic revocation | accessList | a person denies a client, a user or a tool; no detector does it
    COSAI-AUTHORIZATION-2-L2 | Permissions are scoped | scopes
    COSAI-AUTHORIZATION-2-L3 | Least scopes, requested step by step | scopes, stepUp
    COSAI-AUTHORIZATION-2-L4 | Rich authorization requests (RFC 9396) | | ${NO_CLIENT}
    COSAI-AUTHORIZATION-3-L3 | Bounded depth of delegation | | nothing is delegated: no tool calls another agent
    COSAI-AUTHORIZATION-4-L3 | Tokens bound to their sender: DPoP or mutual TLS | | ${BINDING}
    COSAI-AUTHORIZATION-4-L4 | The key of the sender is attested by hardware | | ${BINDING}
    COSAI-AUTHORIZATION-5-L3 | Scopes narrow at each delegation | tokenExchange | an exchange asks for the audience and the scopes that the tool states, and the issuer decides; no tool calls another agent
    COSAI-AUTHORIZATION-6-L2 | \`aud\` of tokens is checked | jwt
    COSAI-AUTHORIZATION-6-L3 | Clients and issuer use resource indicators (RFC 8707) | signIn, jwt | the metadata names the resource and the audience is checked; some issuers refuse the parameter, as docs/identity-providers.md lists
    COSAI-AUTHORIZATION-6-L4 | Resource indicators everywhere, with discovery (RFC 9728) | signIn | discovery is there; whether every client sends the indicator is not known to the service
    COSAI-AUTHORIZATION-7-L2 | Tokens of clients are never forwarded | noPassthrough
    COSAI-AUTHORIZATION-7-L3 | Upstream systems get tokens from token exchange | tokenExchange, noPassthrough, secrets | a tool can ask for it (\`needs.tokenExchange\`); the MCP server behind the service gets the name of the user and no token
    COSAI-AUTHORIZATION-7-L4 | Exchanged tokens are bound to their sender | | ${BINDING}
    COSAI-AUTHORIZATION-8-L2 | A person confirms changes | annotations | the included tools only read, and tools state whether they change anything; the client asks the person
    COSAI-AUTHORIZATION-8-L3 | Central approval with step-up authentication | | ${GATEWAY}
    COSAI-AUTHORIZATION-8-L4 | Several people approve | | ${GATEWAY}
    COSAI-TRANSPORT-1-L2 | TLS for all remote connections | tls
    COSAI-TRANSPORT-1-L3 | TLS 1.3, mutual TLS between servers | tls, mutualTls | mutual TLS is an option at the load balancer; TLS 1.2 stays for clients that need it
    COSAI-TRANSPORT-1-L4 | Mutual TLS by workload identity federation | | ${NO_CLIENT}
    COSAI-TRANSPORT-2-L2 | Bound to internal interfaces behind authenticated ingress | network, internal
    COSAI-TRANSPORT-2-L3 | Components are in separate network segments | network
    COSAI-TRANSPORT-2-L4 | Egress is denied but for a list, through a proxy, and logged | egress, network | names are restricted and logged, and there is a mode without internet; there is no proxy by URL
    COSAI-TRANSPORT-3-L2 | \`Origin\` and \`Host\` are validated | origin
    COSAI-TRANSPORT-3-L3 | Strict origins, and authentication for all remote access | origin, tokens
    COSAI-TRANSPORT-3-L4 | Signed requests and DNS pinning | | ${NO_CLIENT}
    COSAI-TRANSPORT-4-L2 | Version, method and name headers are validated | headers
    COSAI-TRANSPORT-4-L3 | A header that differs from the body is refused before any work | headers
    COSAI-TRANSPORT-4-L4 | The gateway enforces it and raises alerts | headers, audit | the service enforces it and records it; no alarm counts these refusals alone
    COSAI-TRANSPORT-5-L2 | Size and depth of messages are bounded | bounds
    COSAI-TRANSPORT-5-L3 | Rate limits by client, user and address | bounds, rateLimits, userLimits, webAcl
    COSAI-TRANSPORT-5-L4 | Limits that follow anomalies and costs | rateLimits, fairness | limits are fixed; a budget reports costs
    COSAI-TRANSPORT-6-L2 | Hashes of payloads (recommended) | | ${NO_CLIENT}
    COSAI-TRANSPORT-6-L3 | Signatures over the JSON-RPC message | | ${NO_CLIENT}
    COSAI-TRANSPORT-6-L4 | Signatures with nonce and time against replay | | ${NO_CLIENT}
    COSAI-TRANSPORT-7-L1 | A local HTTP server checks \`Origin\` and binds to loopback | origin
    COSAI-ISOLATION-1-L2 | A container with resource limits | container
    COSAI-ISOLATION-1-L3 | Strong isolation, no shared runtime across trust boundaries | container, ownServer | Fargate isolates each task; all clients of one stage share a process
    COSAI-ISOLATION-1-L4 | Attested workloads, confidential computing | | Fargate does not offer it
    COSAI-ISOLATION-2-L2 | Data of users is separate | stateless, isolation
    COSAI-ISOLATION-2-L3 | Data of tenants is separate and encrypted | stateless, auditChain | the service keeps no data of clients but the audit log, which is encrypted; tenants need a stage each
    COSAI-ISOLATION-2-L4 | A key for each tenant | | a stage for each tenant has its own keys; inside one stage there are no tenants
    COSAI-ISOLATION-3-L2 | Cached results belong to a user | toolList
    COSAI-ISOLATION-3-L3 | No memory or cache of one workflow reaches another | stateless, toolList, ownServer
    COSAI-ISOLATION-3-L4 | No sharing across tenants | stateless | tenants need a stage each
    COSAI-ISOLATION-4-L3 | An update can be rolled back | rollback
    COSAI-ISOLATION-4-L4 | Staged rollout, canary deployments | rollback | deployments roll and alarms roll them back; there is no canary share
    COSAI-LOGGING-1-L2 | Structured records with caller, tool, decision and outcome, redacted | audit, redaction
    COSAI-LOGGING-1-L3 | Every call, refusal and header mismatch is recorded | audit, headers, redaction
    COSAI-LOGGING-1-L4 | Records cannot be changed unnoticed | auditChain
    COSAI-LOGGING-2-L2 | Correlation ids link events | trace
    COSAI-LOGGING-2-L3 | The chain of delegation can be reconstructed | audit, trace | records name client, user, scopes and trace; there is no further hop
    COSAI-LOGGING-2-L4 | The chain has policy version and attestation | audit | there is no attestation of clients
    COSAI-LOGGING-3-L2 | Correlation ids pass from client to server | trace
    COSAI-LOGGING-3-L3 | W3C trace context of \`_meta\`, never across a trust boundary | trace
    COSAI-LOGGING-3-L4 | Traces are joined with identity and infrastructure telemetry | trace, audit | the trace id is in records and log lines; your tooling joins them
    COSAI-LOGGING-4-L2 | A structured format, mapped to OCSF or CEF (recommended) | audit | records are JSON with documented fields; no mapping is included
    COSAI-LOGGING-4-L3 | OCSF or CEF with fields for agents | | records are JSON with documented fields; your SIEM maps them
    COSAI-LOGGING-4-L4 | The SIEM correlates them with the model | | the service does not see the model
    COSAI-LOGGING-5-L2 | Logs are collected centrally | alarms, audit
    COSAI-LOGGING-5-L3 | SIEM integration, anomaly detection | alarms, auditChain | the archive in S3 can feed a SIEM, and alarms have fixed thresholds; there is no anomaly detector
    COSAI-LOGGING-5-L4 | Automatic containment, switches for incidents | accessList, alarms | clients, users, tools and versions can be denied without a deployment, by a person
    COSAI-SUPPLY-1-L2 | Provenance of definitions and packages is checked | provenance, toolLock
    COSAI-SUPPLY-1-L3 | Signatures are verified before installation, SBOM | provenance, supplyChain | the deploy workflow can require a verified attestation; a stack that is deployed in another way must verify it itself
    COSAI-SUPPLY-1-L4 | Reproducible builds, binary authorization | provenance | ECS does not verify signatures when it starts a task
    COSAI-SUPPLY-2-L3 | An inventory of servers | | it is a duty of your organization
    COSAI-SUPPLY-2-L4 | Unregistered servers are found | | it is a duty of your organization; the doctor examines the endpoints that it is given
    COSAI-SUPPLY-3-L2 | A list of approved protocol extensions | notOffered
    COSAI-SUPPLY-3-L3 | Negotiated extensions are tracked | notOffered
    COSAI-SUPPLY-3-L4 | Other extensions are refused | notOffered
    COSAI-SUPPLY-4-L2 | Versions are tracked | updates
    COSAI-SUPPLY-4-L3 | Dependencies are pinned with hashes and scanned | supplyChain, updates
    COSAI-SUPPLY-4-L4 | Staged rollout, forced upgrades | updates, rollback | upgrades are proposed and tested; a person merges them
    COSAI-SUPPLY-5-L3 | Removal is complete and revokes credentials | rotation | removing a client removes its token; logs and locked archives stay on purpose
    COSAI-SUPPLY-5-L4 | Removal is automatic | | it is a duty of your organization
    COSAI-TOOLS-1-L2 | Tool definitions are pinned, and changes reported | toolLock
    COSAI-TOOLS-1-L3 | Definitions are pinned by hash, and changes reviewed | toolLock
    COSAI-TOOLS-1-L4 | Manifests of definitions are signed | toolLock, provenance | definitions are part of the image, whose attestation is signed; a manifest of their own is not
    COSAI-TOOLS-2-L2 | Arguments are validated, unknown ones refused | schemas, input
    COSAI-TOOLS-2-L3 | Schemas are bounded and refer to nothing outside | schemas
    COSAI-TOOLS-2-L4 | Manifests of schemas are signed | schemas, toolLock | as for tool definitions
    COSAI-TOOLS-3-L2 | Paths are protected against traversal | input
    COSAI-TOOLS-3-L3 | Strict schemas for URLs, paths, commands and mirrored headers | input, ssrf, headers
    COSAI-TOOLS-3-L4 | Deep inspection of arguments by policy | input, webAcl | schemas and allow-lists decide; the managed rules of the web ACL only count on tool calls
    COSAI-TOOLS-4-L2 | Results are cleaned before a model gets them | output
    COSAI-TOOLS-4-L3 | Control and invisible characters are removed, untrusted text is marked | output
    COSAI-TOOLS-4-L4 | Results are classified by content | | it needs a model of its own, and no classifier is reliable
    COSAI-TOOLS-5-L2 | \`ttlMs\` and \`cacheScope\` are private by default | toolList
    COSAI-TOOLS-5-L3 | Nothing is cached across users | toolList, isolation
    COSAI-TOOLS-5-L4 | A central cache policy | | ${GATEWAY}
    COSAI-TOOLS-6-L2 | Schemes of URLs are restricted | ssrf
    COSAI-TOOLS-6-L3 | Loopback, link-local and metadata addresses are refused after resolution | ssrf
    COSAI-TOOLS-6-L4 | All egress goes through an inspecting proxy | egress | names are restricted and logged; there is no proxy by URL
    COSAI-STATE-1-L2 | Authorization is verified on every request; no session authenticates | stateless
    COSAI-STATE-1-L3 | State handles are bound, expire and can be revoked | stateless, notOffered
    COSAI-STATE-1-L4 | State handles are evaluated continuously | stateless, notOffered
    COSAI-STATE-2-L2 | Claims in \`_meta\` decide nothing | stateless
    COSAI-STATE-2-L3 | Claims that contradict the token are refused | stateless | claims are ignored, not compared: clients have no standard identity to compare
    COSAI-STATE-2-L4 | Claims are compared with workload identities | | ${NO_CLIENT}
    COSAI-STATE-3-L2 | State that a client holds is sealed | notOffered
    COSAI-STATE-3-L3 | The seal has principal, expiry and request | notOffered
    COSAI-STATE-4-L2 | \`server/discover\` and protected-resource metadata | discover, signIn
    COSAI-STATE-4-L3 | Both, and challenges for more scopes | discover, signIn, stepUp
    COSAI-STATE-4-L4 | Discovery is validated centrally | issuer | the service validates the issuer; a central policy is yours
    COSAI-STATE-5-L2 | Servers request no credentials from people | notOffered
    COSAI-STATE-6-L2 | No new use of roots, sampling and protocol logging | notOffered
    COSAI-STATE-6-L3 | They are migrated | notOffered
    COSAI-STATE-7-L3 | Refresh tokens are rotated | | ${CLIENT}
    COSAI-VERSIONS-1 | A minimum protocol version as policy (section 3.2.12) | minimumVersion, accessList
  `),
};
