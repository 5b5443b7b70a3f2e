import type { Check } from './check.ts';
import { authenticationBadToken } from './checks/authentication/bad-token.ts';
import { authenticationExpiredToken } from './checks/authentication/expired-token.ts';
import { authenticationForgedToken } from './checks/authentication/forged-token.ts';
import { authenticationGetStream } from './checks/authentication/get-stream.ts';
import { authenticationMissingToken } from './checks/authentication/missing-token.ts';
import { authenticationOpenHandshake } from './checks/authentication/open-handshake.ts';
import { authenticationSession } from './checks/authentication/session.ts';
import { authenticationTokenInQuery } from './checks/authentication/token-in-query.ts';
import { bodiesBomb } from './checks/bodies/bomb.ts';
import { bodiesChunkedSize } from './checks/bodies/chunked-size.ts';
import { bodiesContentType } from './checks/bodies/content-type.ts';
import { bodiesDeclaredSize } from './checks/bodies/declared-size.ts';
import { bodiesDepth } from './checks/bodies/depth.ts';
import { bodiesFraming } from './checks/bodies/framing.ts';
import { bodiesUnfinished } from './checks/bodies/unfinished.ts';
import { certificateName } from './checks/certificate/name.ts';
import { certificateRenewal } from './checks/certificate/renewal.ts';
import { certificateStrength } from './checks/certificate/strength.ts';
import { certificateTrusted } from './checks/certificate/trusted.ts';
import { certificateValidity } from './checks/certificate/validity.ts';
import { definitionsAnnotations } from './checks/definitions/annotations.ts';
import { definitionsArguments } from './checks/definitions/arguments.ts';
import { definitionsBounds } from './checks/definitions/bounds.ts';
import { definitionsInstructions } from './checks/definitions/instructions.ts';
import { definitionsInvisible } from './checks/definitions/invisible.ts';
import { definitionsNames } from './checks/definitions/names.ts';
import { definitionsPinned } from './checks/definitions/pinned.ts';
import { definitionsSecrets } from './checks/definitions/secrets.ts';
import { definitionsStable } from './checks/definitions/stable.ts';
import { erasCurrent } from './checks/eras/current.ts';
import { erasSessionIds } from './checks/eras/session-ids.ts';
import { erasUnsupportedVersion } from './checks/eras/unsupported-version.ts';
import { headersActiveContent } from './checks/headers/active-content.ts';
import { headersHsts } from './checks/headers/hsts.ts';
import { headersNoStore } from './checks/headers/no-store.ts';
import { headersNosniff } from './checks/headers/nosniff.ts';
import { hostAmbiguous } from './checks/host/ambiguous.ts';
import { hostForeign } from './checks/host/foreign.ts';
import { injectionCommands } from './checks/injection/commands.ts';
import { injectionPaths } from './checks/injection/paths.ts';
import { issuerHttps } from './checks/issuer/https.ts';
import { issuerName } from './checks/issuer/name.ts';
import { issuerPkce } from './checks/issuer/pkce.ts';
import { issuerRegistration } from './checks/issuer/registration.ts';
import { jsonRpcBatch } from './checks/json-rpc/batch.ts';
import { jsonRpcEncoding } from './checks/json-rpc/encoding.ts';
import { jsonRpcMemberCase } from './checks/json-rpc/member-case.ts';
import { jsonRpcParseError } from './checks/json-rpc/parse-error.ts';
import { jsonRpcPrototype } from './checks/json-rpc/prototype.ts';
import { jsonRpcShape } from './checks/json-rpc/shape.ts';
import { jsonRpcUnknownMethod } from './checks/json-rpc/unknown-method.ts';
import { leakageInternalAddresses } from './checks/leakage/internal-addresses.ts';
import { leakagePaths } from './checks/leakage/paths.ts';
import { leakageStackTraces } from './checks/leakage/stack-traces.ts';
import { leakageToken } from './checks/leakage/token.ts';
import { leakageToolErrors } from './checks/leakage/tool-errors.ts';
import { leakageVersions } from './checks/leakage/versions.ts';
import { metadataAuthorizationServers } from './checks/metadata/authorization-servers.ts';
import { metadataChallenge } from './checks/metadata/challenge.ts';
import { metadataErrorCode } from './checks/metadata/error-code.ts';
import { metadataLocation } from './checks/metadata/location.ts';
import { metadataResource } from './checks/metadata/resource.ts';
import { metadataScopes } from './checks/metadata/scopes.ts';
import { mismatchMethod } from './checks/mismatch/method.ts';
import { mismatchMissing } from './checks/mismatch/missing.ts';
import { mismatchName } from './checks/mismatch/name.ts';
import { mismatchVersion } from './checks/mismatch/version.ts';
import { originCors } from './checks/origin/cors.ts';
import { originForeign } from './checks/origin/foreign.ts';
import { originLookalike } from './checks/origin/lookalike.ts';
import { plainHttpPort } from './checks/plain-http/port.ts';
import { plainHttpTlsPort } from './checks/plain-http/tls-port.ts';
import { rateLimitsBadTokens } from './checks/rate-limits/bad-tokens.ts';
import { rateLimitsClient } from './checks/rate-limits/client.ts';
import { sessionsEnded } from './checks/sessions/ended.ts';
import { sessionsFixation } from './checks/sessions/fixation.ts';
import { sessionsLifetime } from './checks/sessions/lifetime.ts';
import { sessionsOtherToken } from './checks/sessions/other-token.ts';
import { sessionsUnknown } from './checks/sessions/unknown.ts';
import { ssrfAddresses } from './checks/ssrf/addresses.ts';
import { ssrfSchemes } from './checks/ssrf/schemes.ts';
import { surfaceFiles } from './checks/surface/files.ts';
import { surfaceMethods } from './checks/surface/methods.ts';
import { surfaceOldTransport } from './checks/surface/old-transport.ts';
import { surfacePathVariants } from './checks/surface/path-variants.ts';
import { surfaceStillAnswers } from './checks/surface/still-answers.ts';
import { tlsCurrentVersion } from './checks/tls/current-version.ts';
import { tlsEncrypted } from './checks/tls/encrypted.ts';
import { tlsForwardSecrecy } from './checks/tls/forward-secrecy.ts';
import { tlsOldVersions } from './checks/tls/old-versions.ts';
import { tlsWeakSuites } from './checks/tls/weak-suites.ts';

/** In the order in which they run: checks that may put load on the server late, checks that read all responses after them. */
export const ALL_CHECKS: readonly Check[] = [
  tlsEncrypted,
  tlsOldVersions,
  tlsCurrentVersion,
  tlsWeakSuites,
  tlsForwardSecrecy,
  certificateTrusted,
  certificateName,
  certificateValidity,
  certificateRenewal,
  certificateStrength,
  plainHttpPort,
  plainHttpTlsPort,
  headersHsts,
  headersNosniff,
  headersNoStore,
  authenticationMissingToken,
  authenticationOpenHandshake,
  authenticationBadToken,
  authenticationExpiredToken,
  authenticationForgedToken,
  authenticationTokenInQuery,
  authenticationSession,
  authenticationGetStream,
  metadataChallenge,
  metadataErrorCode,
  metadataLocation,
  metadataResource,
  metadataAuthorizationServers,
  metadataScopes,
  issuerName,
  issuerPkce,
  issuerHttps,
  issuerRegistration,
  originForeign,
  originLookalike,
  originCors,
  hostForeign,
  hostAmbiguous,
  surfaceMethods,
  surfaceFiles,
  surfaceOldTransport,
  surfacePathVariants,
  jsonRpcParseError,
  jsonRpcEncoding,
  jsonRpcBatch,
  jsonRpcShape,
  jsonRpcMemberCase,
  jsonRpcPrototype,
  jsonRpcUnknownMethod,
  mismatchMethod,
  mismatchName,
  mismatchMissing,
  mismatchVersion,
  erasCurrent,
  erasUnsupportedVersion,
  erasSessionIds,
  sessionsFixation,
  sessionsUnknown,
  sessionsEnded,
  sessionsOtherToken,
  sessionsLifetime,
  ssrfAddresses,
  ssrfSchemes,
  injectionCommands,
  injectionPaths,
  leakageToolErrors,
  definitionsInstructions,
  definitionsInvisible,
  definitionsSecrets,
  definitionsAnnotations,
  definitionsBounds,
  definitionsArguments,
  definitionsNames,
  definitionsStable,
  definitionsPinned,
  bodiesUnfinished,
  bodiesDeclaredSize,
  bodiesChunkedSize,
  bodiesDepth,
  bodiesContentType,
  bodiesFraming,
  bodiesBomb,
  surfaceStillAnswers,
  headersActiveContent,
  leakageStackTraces,
  leakagePaths,
  leakageInternalAddresses,
  leakageVersions,
  leakageToken,
  rateLimitsClient,
  rateLimitsBadTokens,
];
