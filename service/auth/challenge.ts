const SCHEME = 'Bearer realm="mcp"';

export interface ChallengeOptions {
  /** URL of the metadata that names the issuer (RFC 9728 §5.1). @default - none: the operator issues tokens */
  readonly resourceMetadata?: string;
  /** Scopes that a client without a valid token should ask for. @default - none named */
  readonly scopes?: readonly string[];
  /** Text that the issuer expects before each scope. @default - nothing */
  readonly scopePrefix?: string | undefined;
}

export interface ChallengeParameters {
  /** Error code of RFC 6750 §3.1; absent for a request without a token. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly description?: string;
  /** All scopes that this request needs. @default - the options' */
  readonly scopes?: readonly string[];
}

/** Makes the `WWW-Authenticate` header of a refusal. */
export type Challenge = (parameters?: ChallengeParameters) => { readonly 'WWW-Authenticate': string };

/** Makes challenges of the Bearer scheme (RFC 6750 §3) that all name the same metadata. */
export function createChallenge(options: ChallengeOptions = {}): Challenge {
  const { scopePrefix = '' } = options;
  return ({ error, description, scopes = options.scopes ?? [] } = {}) => {
    const asked = scopes.map((scope) => `${scopePrefix}${scope}`);
    const parameters = [
      ['error', error],
      ['error_description', description],
      ['scope', asked.length > 0 ? asked.join(' ') : undefined],
      ['resource_metadata', options.resourceMetadata],
    ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
    return { 'WWW-Authenticate': [SCHEME, ...parameters].join(', ') };
  };
}
