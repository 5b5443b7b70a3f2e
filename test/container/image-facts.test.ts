import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { findingsOf } from './image-facts.ts';
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
const other = (change: Partial<TarEntry>): TarEntry => ({ ...file, path: '/usr/lib/other', ...change });

describe('the look at the files of an image', () => {
  test('finds nothing where there is one read-only file of root’s and an ordinary base', () => {
    const base = [
      other({ path: '/tmp', type: 'directory', mode: 0o1777 }),
      other({ path: '/home/nonroot', type: 'directory', mode: 0o700, uid: 65532, gid: 65532 }),
      other({ path: '/nodejs/bin/node', mode: 0o755 }),
      other({ path: '/lib64', type: 'symlink', mode: 0o777 }),
      other({ path: '/dev/shm', type: 'directory', mode: 0o1777 }),
    ];
    expect(findingsOf([file, ...base])).toEqual([]);
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
    expect(findingsOf([file, other(change)])).toEqual([finding]);
  });

  test.each<[string, TarEntry[]]>([
    ['no bundle', []],
    ['a bundle that may be changed', [{ ...file, mode: 0o644 }]],
    ['a bundle of another user', [{ ...file, gid: 1000 }]],
    ['a second file', [file, { ...file, path: '/app/main.cjs.map' }]],
  ])('finds %s', (_what, entries) => {
    expect(findingsOf(entries)).toEqual([
      expect.stringMatching(/^\/app must hold file \/app\/main\.cjs 444 0:0 alone, got /),
    ]);
  });
});

test.each(['pax', 'gnu', 'ustar'])('an archive in the format %s is read as it is', (format) => {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-tar-'));
  try {
    const long = format === 'ustar' ? 'long' : 'long-'.repeat(30);
    mkdirSync(join(folder, 'in', long), { recursive: true });
    writeFileSync(join(folder, 'in', long, 'größe'), 'x'.repeat(1000));
    writeFileSync(join(folder, 'in/setuid'), '');
    chmodSync(join(folder, 'in/setuid'), 0o4755);
    symlinkSync('setuid', join(folder, 'in/link'));
    const options = [`--format=${format}`, '--sort=name', '--owner=:65532', '--group=:7', '--mode=u+r'];
    const archive = execFileSync('tar', [...options, '-cf', '-', '-C', join(folder, 'in'), '.']);
    const found = tarEntries(archive).map(({ path, type, mode, uid, gid, size }) => ({
      [path]: `${type} ${(mode & 0o7700).toString(8)} ${uid}:${gid} ${size}`,
    }));
    expect(found).toEqual([
      { '/': 'directory 700 65532:7 0' },
      { '/link': 'symlink 700 65532:7 0' },
      { [`/${long}`]: 'directory 700 65532:7 0' },
      { [`/${long}/größe`]: 'file 600 65532:7 1000' },
      { '/setuid': 'file 4700 65532:7 0' },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
