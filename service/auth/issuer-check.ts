import type { Logger } from '../logging/logger.ts';
import { IssuerError } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { fetchIssuerMetadata, type IssuerMetadata, isTrustworthy } from './issuer-metadata.ts';

export interface IssuerCheckOptions {
  readonly issuer: string;
  readonly keys: IssuerKeys;
  readonly logger: Logger;
}

/**
 * Looks whether the issuer offers what conforming clients and this server need, and says what is missing in one log
 * line `issuer_check`. Only says: an issuer that is down for a minute must not keep a deployment from starting.
 *
 * @returns what is missing
 */
export async function checkIssuer({ issuer, keys, logger }: IssuerCheckOptions): Promise<readonly string[]> {
  const problems: string[] = [];
  try {
    problems.push(...problemsOf(await fetchIssuerMetadata(issuer), issuer));
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
  return problems;
}

function problemsOf(metadata: IssuerMetadata, issuer: string): readonly string[] {
  const problems: string[] = [];
  const methods = metadata.code_challenge_methods_supported;
  if (!methods?.includes('S256')) {
    const found = methods === undefined ? 'is not published' : 'does not list S256';
    problems.push(
      `code_challenge_methods_supported ${found}: conforming MCP clients refuse to sign in (OAuth 2.1, PKCE)`,
    );
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    const url = metadata[name];
    if (url === undefined) problems.push(`${name} is not published`);
    else if (!isTrustworthy(url, issuer)) problems.push(`${name} is not an https URL`);
  }
  return problems;
}
