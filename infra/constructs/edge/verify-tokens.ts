import { type CfnListener, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as z from 'zod';
import type { OAuthOptions } from '../../lib/oauth.ts';
import { OptionError } from '../../lib/option-error.ts';
import { oneOf } from '../../lib/option-types.ts';

export const verifyTokensOptions = z.strictObject({
  audienceFormat: oneOf('single-string', 'string-array').describe(
    'How the issuer writes `aud`, in every token: as one string, or as a list even for one audience. Decode a token to see.',
  ),
});

type VerifyTokensOptions = z.output<typeof verifyTokensOptions>;

/**
 * The claims that the load balancer checks: the same issuer and audience as the service. CDK's own action does not
 * check the audience, so a token for any other service of the issuer would pass.
 *
 * @throws OptionError when the load balancer cannot check the same claims as the service
 */
export function tokenValidation(
  { audienceFormat }: VerifyTokensOptions,
  oauth: OAuthOptions | undefined,
  endpoint: string,
): CfnListener.JwtValidationConfigProperty {
  if (oauth?.jwksUrl === undefined) {
    const got = oauth === undefined ? 'no task.oauth' : 'none';
    throw new OptionError(`edge.verifyTokens needs task.oauth with a jwksUrl, got ${got}`);
  }
  const { issuer, jwksUrl, audience = endpoint } = oauth;
  for (const [name, value] of Object.entries({ issuer, jwksUrl, audience })) {
    if (value.length > 256) {
      throw new OptionError(
        `task.oauth.${name} must be at most 256 characters with edge.verifyTokens, got ${value.length}`,
      );
    }
  }
  return {
    issuer,
    jwksEndpoint: jwksUrl,
    additionalClaims: [{ name: 'aud', format: audienceFormat, values: [audience] }],
  };
}

/** Responds 401 to an invalid token, and continues with a valid one. */
export class VerifyToken extends ListenerAction {
  constructor(jwtValidationConfig: CfnListener.JwtValidationConfigProperty, next: ListenerAction) {
    super({ type: 'jwt-validation', jwtValidationConfig }, next);
  }
}
