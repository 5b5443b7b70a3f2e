import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logging/logger.ts';
import { IssuerError } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { fetchIssuerMetadata, type IssuerMetadata, isTrustworthy } from './issuer-metadata.ts';

export interface IssuerCheckOptions {
  readonly issuer: string;
  readonly audience: string;
  /** URL that clients pass as `resource` when they ask the issuer for a token. */
  readonly publicUrl: URL;
  /** URL of the issuer's keys, if it differs from the metadata's. */
  readonly jwksUrl?: URL | undefined;
  readonly keys: IssuerKeys;
  readonly logger: Logger;
}

/** Pause before the next check of the issuer, in milliseconds. */
const AGAIN_MS = 60_000;

/**
 * Checks the issuer now, and then every minute until its metadata could be read. The timer does not keep the process
 * alive.
 *
 * @param stopped stops the checks
 */
export async function watchIssuer(
  options: IssuerCheckOptions,
  stopped: AbortSignal,
  pause: (ms: number, signal: AbortSignal) => Promise<unknown> = idle,
): Promise<void> {
  while (!stopped.aborted && !(await checkIssuer(options))) await pause(AGAIN_MS, stopped);
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts. */
function idle(ms: number, signal: AbortSignal): Promise<unknown> {
  return sleep(ms, undefined, { ref: false, signal }).catch(() => undefined);
}

/**
 * Checks that the issuer offers the features that conforming clients and this server need, and logs missing ones, and how
 * clients can register, in one line `issuer_check`. It never throws: an issuer that is down for a minute must not keep a deployment from starting.
 *
 * @returns whether the issuer's metadata could be read
 */
export async function checkIssuer(options: IssuerCheckOptions): Promise<boolean> {
  const { issuer, keys, logger } = options;
  const problems = [...audienceProblems(options)];
  let metadata: IssuerMetadata | undefined;
  try {
    metadata = await fetchIssuerMetadata(issuer);
    problems.push(...problemsOf(metadata, options), ...resourceProblems(metadata, options));
    problems.push(...registrationProblems(metadata, options));
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error;
    problems.push(`no metadata: ${error.message}`);
  }
  if (!(await keys.refresh())) {
    problems.push(
      'no keys: every request is answered with 503 until they are there (see issuer_keys_failed)',
    );
  }
  const registration = metadata && registrationOf(metadata);
  if (problems.length > 0) logger.warn('issuer_check', { issuer, problems, registration });
  else logger.info('issuer_check', { issuer, problems, registration });
  return metadata !== undefined;
}

/**
 * How clients that the issuer does not know can become known to it, in the order in which MCP clients try
 * (MCP 2026-07-28, Client Registration). Without either, a person registers each client at the issuer.
 */
function registrationOf(metadata: IssuerMetadata): readonly string[] {
  return [
    ...(metadata.client_id_metadata_document_supported === true ? ['client ID metadata document'] : []),
    ...(metadata.registration_endpoint === undefined ? [] : ['dynamic client registration']),
  ];
}

function registrationProblems(
  { registration_endpoint: endpoint, ...metadata }: IssuerMetadata,
  { issuer }: IssuerCheckOptions,
): readonly string[] {
  const problems: string[] = [];
  if (endpoint !== undefined && !isTrustworthy(endpoint, issuer)) {
    problems.push('registration_endpoint is not an https URL');
  }
  const methods = metadata.token_endpoint_auth_methods_supported;
  const identifies = metadata.client_id_metadata_document_supported === true;
  if (identifies && methods?.includes('none') === false && !methods.includes('private_key_jwt')) {
    problems.push(
      'token_endpoint_auth_methods_supported lists neither none nor private_key_jwt: a client with a client ID metadata document has no secret, so it gets no token',
    );
  }
  return problems;
}

/** RFC 8707 defines no metadata for `resource`. The list of RFC 9728 says which resources the issuer knows. */
function resourceProblems(
  { protected_resources: known }: IssuerMetadata,
  { publicUrl: { href } }: IssuerCheckOptions,
): readonly string[] {
  if (known === undefined || known.includes(href)) return [];
  return [
    `protected_resources does not list ${href}: the issuer may refuse clients that ask for this resource; register it there`,
  ];
}

function audienceProblems({ audience, publicUrl: { href } }: IssuerCheckOptions): readonly string[] {
  if (audience === href) return [];
  return [
    `the audience is ${audience}, but clients ask for resource ${href}: have the issuer write ${audience} into the aud of tokens for that resource, or name it ${href} there and set no audience`,
  ];
}

function problemsOf(metadata: IssuerMetadata, { issuer, jwksUrl }: IssuerCheckOptions): readonly string[] {
  const problems: string[] = [];
  const methods = metadata.code_challenge_methods_supported;
  if (!methods?.includes('S256')) {
    const found = methods === undefined ? 'is not published' : 'does not list S256';
    problems.push(
      `code_challenge_methods_supported ${found}: conforming MCP clients refuse to sign in (OAuth 2.1, PKCE)`,
    );
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    if (name === 'jwks_uri' && jwksUrl !== undefined) continue;
    const url = metadata[name];
    if (url === undefined) problems.push(`${name} is not published`);
    else if (!isTrustworthy(url, issuer)) problems.push(`${name} is not an https URL`);
  }
  return problems;
}
