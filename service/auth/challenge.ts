const SCHEME = 'Bearer realm="mcp"';

export interface ChallengeOptions {
  /** Where clients learn which issuer to ask (RFC 9728 §5.1). @default - none: tokens are handed out by people */
  readonly resourceMetadata?: string;
  /** What a client without a good token is told to ask for. @default - nothing in particular */
  readonly scopes?: readonly string[];
  /** What the issuer wants to read before each scope. @default - nothing */
  readonly scopePrefix?: string | undefined;
}

export interface ChallengeParameters {
  /** Error code of RFC 6750 §3.1; absent for a request that brought no token. */
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope';
  readonly description?: string;
  /** All scopes that this request needs. @default - the options' */
  readonly scopes?: readonly string[];
}

/** Makes the `WWW-Authenticate` header of a refusal. */
export type Challenge = (parameters?: ChallengeParameters) => { readonly 'WWW-Authenticate': string };

/** Challenges of the Bearer scheme (RFC 6750 §3), all of which lead to the same issuer. */
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
