/** Location of a secret. Configuration contains references, never values. */
export type SecretReference =
  | { readonly scheme: 'env'; readonly name: string }
  | { readonly scheme: 'file'; readonly path: string }
  | { readonly scheme: 'aws-secretsmanager'; readonly secretId: string; readonly jsonKey?: string }
  | VaultReference
  | KeychainReference;

/** One key of a secret in Vault's KV version 2 engine. */
export interface VaultReference {
  readonly scheme: 'vault';
  /** Mount path of the engine; of several segments if a double slash divides it from the path. */
  readonly mount: string;
  readonly path: string;
  readonly key: string;
}

/** A generic password in the macOS keychain. */
export interface KeychainReference {
  readonly scheme: 'keychain';
  readonly service: string;
  readonly account: string;
}

const FORMS =
  'env:NAME, file:/absolute/path, aws-secretsmanager:ARN_OR_NAME[#jsonKey], vault:MOUNT/PATH#KEY (vault:TEAM/MOUNT//PATH#KEY) or keychain:SERVICE/ACCOUNT';

/** A segment of a Vault path. `.` and `..` are excluded, because proxies may resolve them to another secret's path. */
const SEGMENT = '(?!\\.{1,2}(?:/|#|$))[\\w.@=+~-]{1,128}';
const SEGMENTS = `${SEGMENT}(?:/${SEGMENT}){0,31}`;
/** The first slash divides mount and path, unless there is a double slash. */
const VAULT = new RegExp(`^(?:(${SEGMENTS})/|(${SEGMENT}))/(${SEGMENTS})#([^\\p{C}]{1,256})$`, 'u');
const VAULT_PATH = new RegExp(`^${SEGMENTS}$`);
/** Neither name may start like a command-line option. The first slash divides them. */
const KEYCHAIN = /^([^\p{C}/-][^\p{C}/]{0,255})\/([^\p{C}-][^\p{C}]{0,255})$/u;

/**
 * Parses a secret reference.
 *
 * @throws Error naming the accepted forms. The text itself is not repeated, because it may be a secret pasted in place
 * of a reference.
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
    case 'vault': {
      const [, long, short, path, key] = VAULT.exec(rest) ?? [];
      const mount = long ?? short;
      if (mount && path && key) return { scheme: 'vault', mount, path, key };
      break;
    }
    case 'keychain': {
      const [, service, account] = KEYCHAIN.exec(rest) ?? [];
      if (service && account) return { scheme: 'keychain', service, account };
      break;
    }
  }
  throw new Error(`must be a secret reference: ${FORMS}`);
}

/** The reference as written, for messages and logs. It contains no secret. */
export function formatSecretReference(reference: SecretReference): string {
  switch (reference.scheme) {
    case 'env':
      return `env:${reference.name}`;
    case 'file':
      return `file:${reference.path}`;
    case 'aws-secretsmanager':
      return `aws-secretsmanager:${reference.secretId}${reference.jsonKey === undefined ? '' : `#${reference.jsonKey}`}`;
    case 'vault':
      return `vault:${reference.mount}${reference.mount.includes('/') ? '//' : '/'}${reference.path}#${reference.key}`;
    case 'keychain':
      return `keychain:${reference.service}/${reference.account}`;
  }
}

/** Whether a text is a Vault path that no proxy can resolve to another path. */
export function isVaultPath(text: string): boolean {
  return VAULT_PATH.test(text);
}

/** A Vault path, encoded for a URL. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
