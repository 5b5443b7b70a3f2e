import { execFile } from 'node:child_process';
import type { KeychainReference } from './reference.ts';

export interface KeychainOptions {
  /** Provides `HOME`, the only variable that is passed on: it selects the keychain. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Absolute path of the program, so that `PATH` is not searched. @default /usr/bin/security */
  readonly security?: string | undefined;
  /** Timeout in milliseconds: macOS may ask the user for permission. @default 60000 */
  readonly timeoutMs?: number;
}

const MAX_BYTES = 64 * 1024;
/** Exit status of `security` for errSecItemNotFound. */
const NOT_FOUND = 44;

/** Reads a generic password from the macOS keychain. @throws Error with a cause fit for a message */
export async function readKeychain(reference: KeychainReference, options: KeychainOptions): Promise<string> {
  const { env, platform, security = '/usr/bin/security', timeoutMs = 60_000 } = options;
  if (platform !== 'darwin') {
    throw new Error(
      `the keychain is a part of macOS and this is ${platform}; use env:, file:, aws-secretsmanager: or vault: here`,
    );
  }
  const { HOME = '' } = env;
  const args = ['find-generic-password', '-s', reference.service, '-a', reference.account, '-w'];
  return new Promise((resolve, reject) => {
    const limits = { env: { HOME }, timeout: timeoutMs, maxBuffer: MAX_BYTES };
    execFile(security, args, limits, (error, stdout) => {
      // The program's output is not repeated; it may quote anything.
      if (error === null) resolve(stdout.replace(/\n$/, ''));
      else reject(new Error(explain(error, security, timeoutMs)));
    });
  });
}

function explain(
  { code, killed }: { code?: unknown; killed?: boolean },
  security: string,
  timeoutMs: number,
): string {
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it is longer than ${MAX_BYTES} bytes`;
  if (killed) return `security did not end within ${timeoutMs} ms`;
  if (code === NOT_FOUND) return 'the keychain has no such item';
  if (typeof code === 'number')
    return `security ended with status ${code}: is the keychain locked, the access denied?`;
  return `${security} cannot be started (${typeof code === 'string' ? code : 'unknown'})`;
}
