const NONE = /^(CredentialsProviderError|TokenProviderError)$/;
/** Names by which AWS services refuse the credentials themselves. */
const INVALID =
  /^(ExpiredToken|ExpiredTokenException|InvalidClientTokenId|UnrecognizedClientException|AuthFailure|SignatureDoesNotMatch|InvalidSignatureException|InvalidAccessKeyId)$/;

/** Whether a call failed because the machine has no credentials, or AWS does not know them. */
export function isUnauthenticated({ name }: Error): boolean {
  return NONE.test(name) || INVALID.test(name);
}
