/** Where a secret lives. Configuration carries references, never values. */
export type SecretReference =
  | { readonly scheme: 'env'; readonly name: string }
  | { readonly scheme: 'file'; readonly path: string }
  | { readonly scheme: 'aws-secretsmanager'; readonly secretId: string; readonly jsonKey?: string };

const FORMS = 'env:NAME, file:/absolute/path or aws-secretsmanager:ARN_OR_NAME[#jsonKey]';

/**
 * Parses a secret reference.
 *
 * @throws Error naming the accepted forms. The text itself is not repeated: a common mistake is to paste the
 * secret where its reference belongs.
 */
export function parseSecretReference(text: string): SecretReference {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1);
  switch (colon < 0 ? '' : text.slice(0, colon)) {
    case 'env':
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(rest)) return { scheme: 'env', name: rest };
      break;
    case 'file':
      if (rest.startsWith('/') && !rest.includes('\0')) return { scheme: 'file', path: rest };
      break;
    case 'aws-secretsmanager': {
      const hash = rest.indexOf('#');
      const secretId = hash < 0 ? rest : rest.slice(0, hash);
      const jsonKey = hash < 0 ? undefined : rest.slice(hash + 1);
      if (/^[\w/+=.@:-]{1,2048}$/.test(secretId) && jsonKey !== '') {
        return jsonKey === undefined
          ? { scheme: 'aws-secretsmanager', secretId }
          : { scheme: 'aws-secretsmanager', secretId, jsonKey };
      }
      break;
    }
  }
  throw new Error(`must be a secret reference: ${FORMS}`);
}

/** The reference as written, for messages and logs. It names a place and holds no secret. */
export function formatSecretReference(reference: SecretReference): string {
  switch (reference.scheme) {
    case 'env':
      return `env:${reference.name}`;
    case 'file':
      return `file:${reference.path}`;
    case 'aws-secretsmanager':
      return `aws-secretsmanager:${reference.secretId}${reference.jsonKey === undefined ? '' : `#${reference.jsonKey}`}`;
  }
}
