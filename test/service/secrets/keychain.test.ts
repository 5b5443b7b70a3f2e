import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readKeychain } from '../../../service/secrets/keychain.ts';
import { parseSecretReference } from '../../../service/secrets/reference.ts';
import { createSecretSource } from '../../../service/secrets/sources.ts';

/** Replaces macOS’s program: prints a password with a line break, or ends like the real one. */
const SECURITY = `#!/bin/sh
[ "$1 $2 $4 $6" = "find-generic-password -s -a -w" ] || exit 2
case "$3" in
  mcp) [ "$5" = 'me@example.com/$(id)' ] && echo 'it is hunter2' ;;
  env) /usr/bin/env ;;
  blanks) /usr/bin/printf '  a b \\n\\n' ;;
  locked) echo 'hunter2: user interaction is not allowed' >&2; exit 36 ;;
  long) /usr/bin/head -c 100000 /dev/zero ;;
  hangs) exec /bin/sleep 10 ;;
  *) echo 'could not be found' >&2; exit 44 ;;
esac
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mcp-keychain-'));
  writeFileSync(join(directory, 'security'), SECURITY);
  chmodSync(join(directory, 'security'), 0o755);
});
afterAll(() => rmSync(directory, { recursive: true }));

function read(text: string, platform: NodeJS.Platform = 'darwin', folder = directory): Promise<string> {
  const env = { PATH: directory, HOME: '/home/me', MCP_DEV_TOKEN: 'hunter2' };
  return createSecretSource({ env, platform, security: join(folder, 'security') })(
    parseSecretReference(text),
  );
}

describe('a secret in the keychain', () => {
  test('is read by service and account; no shell interprets either', async () => {
    expect(await read('keychain:mcp/me@example.com/$(id)')).toBe('it is hunter2');
  });

  test('a value of the keychain is trimmed only by the line break that the program prints', async () => {
    expect(await read('keychain:blanks/x')).toBe('  a b \n');
  });

  test('the program is macOS’s own: another with its name on PATH is not started', async () => {
    const reference = { scheme: 'keychain', service: 'hangs', account: 'x' } as const;
    const options = { env: { PATH: directory }, platform: 'darwin', timeoutMs: 200 } as const;
    const own = await readKeychain(reference, options).catch((error: Error) => error.message);
    // Not on this platform, or, on a Mac, without such an item.
    expect(own).toMatch(
      /^(?:\/usr\/bin\/security cannot be started \(ENOENT\)|the keychain has no such item)$/,
    );
  });

  test('the program gets HOME, and nothing else of this environment', async () => {
    const seen = await read('keychain:env/x');
    expect(seen).not.toContain(directory);
    expect(seen).toContain('HOME=/home/me');
    expect(seen).not.toContain('hunter2');
  });

  test.each([
    ['keychain:none/x', 'the keychain has no such item'],
    ['keychain:locked/x', 'security ended with status 36: is the keychain locked, the access denied?'],
    ['keychain:long/x', 'it is longer than 65536 bytes'],
  ])('%s: %s', async (text, why) => {
    const error = await read(text).catch((thrown: Error) => thrown);
    expect((error as Error).message).toBe(`cannot read secret ${text}: ${why}`);
    expect((error as Error).stack).not.toContain('hunter2');
  });

  test('a program that does not exist, or does not end', async () => {
    await expect(read('keychain:mcp/x', 'darwin', '/nowhere')).rejects.toThrow(
      'cannot read secret keychain:mcp/x: /nowhere/security cannot be started (ENOENT)',
    );
    const reference = { scheme: 'keychain', service: 'hangs', account: 'x' } as const;
    const security = join(directory, 'security');
    const options = { env: {}, platform: 'darwin', security, timeoutMs: 200 } as const;
    await expect(readKeychain(reference, options)).rejects.toThrow('security did not end within 200 ms');
  });

  test('on other platforms the error names the platform and the alternatives', async () => {
    await expect(read('keychain:mcp/x', 'linux')).rejects.toThrow(
      'cannot read secret keychain:mcp/x: the keychain is a part of macOS and this is linux; use env:, file:, aws-secretsmanager: or vault: here',
    );
  });
});
