import { describe, expect, test } from '@jest/globals';
import { ceilingFindings } from './ceilings.ts';
import { bytesOf, findingsOf } from './image-facts.ts';
import { type TarEntry, tarEntries } from './tar.ts';

const file: TarEntry = {
  path: '/app/main.cjs',
  type: 'file',
  mode: 0o444,
  uid: 0,
  gid: 0,
  size: 1,
  hasCapabilities: false,
};
const lock: TarEntry = { ...file, path: '/app/tools.lock.json' };
const other = (change: Partial<TarEntry>): TarEntry => ({ ...file, path: '/usr/lib/other', ...change });

describe('the check of the files of an image', () => {
  test('finds nothing in an image with the bundle and the pinned tools, read-only files of root, and an ordinary base', () => {
    const base = [
      other({ path: '/tmp', type: 'directory', mode: 0o1777 }),
      other({ path: '/home/nonroot', type: 'directory', mode: 0o700, uid: 65532, gid: 65532 }),
      other({ path: '/nodejs/bin/node', mode: 0o755 }),
      other({ path: '/lib64', type: 'symlink', mode: 0o777 }),
      other({ path: '/dev/shm', type: 'directory', mode: 0o1777 }),
    ];
    expect(findingsOf([lock, file, ...base])).toEqual([]);
  });

  test.each<[Partial<TarEntry>, string]>([
    [{ path: '/bin/sh', type: 'symlink' }, 'a shell: /bin/sh'],
    [{ path: '/usr/bin/bash' }, 'a shell: /usr/bin/bash'],
    [{ path: '/busybox/busybox' }, 'a shell: /busybox/busybox'],
    [{ path: '/usr/bin/apt-get' }, 'a package manager: /usr/bin/apt-get'],
    [{ path: '/usr/local/bin/npm', type: 'symlink' }, 'a package manager: /usr/local/bin/npm'],
    [{ mode: 0o4755 }, 'setuid or setgid: /usr/lib/other'],
    [{ mode: 0o2755 }, 'setuid or setgid: /usr/lib/other'],
    [{ hasCapabilities: true }, 'file capabilities: /usr/lib/other'],
    [{ mode: 0o646 }, 'writable for 65532: /usr/lib/other'],
    [{ uid: 65532 }, 'writable for 65532: /usr/lib/other'],
    [{ gid: 65532, mode: 0o664 }, 'writable for 65532: /usr/lib/other'],
    [{ path: '/data', type: 'directory', mode: 0o1777 }, 'writable for 65532: /data'],
  ])('finds %j', (change, finding) => {
    expect(findingsOf([file, lock, other(change)])).toEqual([finding]);
  });

  test.each<[string, TarEntry[]]>([
    ['no bundle', [lock]],
    ['no pinned tools', [file]],
    ['a bundle that may be changed', [{ ...file, mode: 0o644 }, lock]],
    ['a bundle of another user', [{ ...file, gid: 1000 }, lock]],
    ['another file', [file, lock, { ...file, path: '/app/main.cjs.map' }]],
  ])('finds %s', (_what, entries) => {
    expect(findingsOf(entries)).toEqual([
      expect.stringMatching(/^\/app must hold file \/app\/main\.cjs 444 0:0 and .* alone, got /),
    ]);
  });
});

test.each([
  ['4142003', 4142003],
  ['0 B', 0],
  ['4.14 MB', 4_140_000],
  ['12.3kB', 12_300],
])('the size %s of a layer has %s bytes', (size, bytes) => {
  expect(bytesOf(size)).toBeCloseTo(bytes);
});

test('a size above its ceiling is reported', () => {
  expect(ceilingFindings({ bundleMiB: 4, layerMiB: 4, healthyMs: 2000 })).toEqual([]);
  expect(ceilingFindings({ bundleMiB: 4.51, layerMiB: 4.61, healthyMs: 6001 })).toEqual([
    'the bundle has 4.51 MiB',
    'the image adds 4.61 MiB to its base',
    'healthy after 6001 ms',
  ]);
});

/** A header of a tar archive and its content. */
function member(fields: Record<number, string>, body = ''): Buffer {
  const header = Buffer.alloc(512);
  const content = Buffer.from(body);
  const known = { 100: '0000644', 108: '0000000', 116: '0000000', 156: '0', 257: 'ustar' };
  for (const [at, text] of Object.entries({ ...known, ...fields })) header.write(text, Number(at));
  header.write(content.length.toString(8).padStart(11, '0'), 124);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function record(name: string, value: string): string {
  const rest = Buffer.byteLength(` ${name}=${value}\n`);
  // The length counts its own digits.
  const length = [1, 2, 3].map((digits) => rest + digits).find((sum) => String(sum).length === sum - rest);
  return `${length} ${name}=${value}\n`;
}

describe('the reader of archives', () => {
  const long = `${'long/'.repeat(60)}größe`;
  const read = (...members: Buffer[]) => tarEntries(Buffer.concat([...members, Buffer.alloc(1024)]));

  test('reads names, kinds, owners, modes and sizes, and skips the content of files', () => {
    const entries = read(
      member({ 0: './', 156: '5', 100: '0001777' }),
      member({ 0: 'etc/passwd', 345: 'usr/share' }, 'x'.repeat(1000)),
      member({ 0: 'bin/su', 100: '0104755', 108: '0177774', 116: '0000007' }),
      member({ 0: 'bin/sh', 156: '2', 100: '0000777' }),
      member({ 0: 'dev/null', 156: '3' }),
    );
    expect(entries).toEqual([
      { ...file, path: '/', type: 'directory', mode: 0o1777, size: 0 },
      { ...file, path: '/usr/share/etc/passwd', mode: 0o644, size: 1000 },
      { ...file, path: '/bin/su', mode: 0o4755, uid: 65532, gid: 7, size: 0 },
      { ...file, path: '/bin/sh', type: 'symlink', mode: 0o777, size: 0 },
      { ...file, path: '/dev/null', type: 'other', mode: 0o644, size: 0 },
    ]);
  });

  test('applies an extended header to the next entry only', () => {
    const header =
      record('path', long) + record('uid', '65532') + record('SCHILY.xattr.security.capability', 'x');
    const entries = read(member({ 0: 'x', 156: 'x' }, header), member({ 0: 'cut' }), member({ 0: 'next' }));
    expect(entries).toMatchObject([
      { path: `/${long}`, uid: 65532, hasCapabilities: true },
      { path: '/next', uid: 0, hasCapabilities: false },
    ]);
  });

  test('applies the long name of GNU, and skips the long target of a link', () => {
    const entries = read(
      member({ 0: '././@LongLink', 156: 'L' }, `${long}\0`),
      member({ 0: '././@LongLink', 156: 'K' }, `${long}\0`),
      member({ 0: 'cut', 156: '2' }),
      member({ 0: 'next' }),
    );
    expect(entries.map(({ path }) => path)).toEqual([`/${long}`, '/next']);
  });
});
