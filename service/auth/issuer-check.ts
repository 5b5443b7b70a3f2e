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
 * Checks that the issuer offers the features that conforming clients and this server need, and logs missing ones in one
 * line `issuer_check`. It never throws: an issuer that is down for a minute must not keep a deployment from starting.
 *
 * @returns whether the issuer's metadata could be read
 */
export async function checkIssuer(options: IssuerCheckOptions): Promise<boolean> {
  const { issuer, keys, logger } = options;
  const problems = [...audienceProblems(options)];
  let read = false;
  try {
    problems.push(...problemsOf(await fetchIssuerMetadata(issuer), options));
    read = true;
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error;
    problems.push(`no metadata: ${error.message}`);
  }
  if (!(await keys.refresh())) {
    problems.push(
      'no keys: every request is answered with 503 until they are there (see issuer_keys_failed)',
    );
  }
  if (problems.length > 0) logger.warn('issuer_check', { issuer, problems });
  else logger.info('issuer_check', { issuer, problems });
  return read;
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
