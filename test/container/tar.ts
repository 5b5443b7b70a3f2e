/** One entry of a tar archive. */
export interface TarEntry {
  /** Absolute, without a trailing slash. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'link' | 'symlink' | 'other';
  /** Permission bits, including setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Whether the file has capabilities. */
  readonly hasCapabilities: boolean;
}

const BLOCK = 512;
const TYPES: Record<string, TarEntry['type']> = {
  '0': 'file',
  '\0': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};

/** The entries of a tar archive as `docker export` writes it: POSIX with extended headers, or GNU. */
export function tarEntries(archive: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let extended = new Map<string, string>();
  for (let at = 0; at + BLOCK <= archive.length && archive[at] !== 0; ) {
    const header = archive.subarray(at, at + BLOCK);
    const text = (from: number, length: number) =>
      header
        .toString('utf8', from, from + length)
        .split('\0', 1)[0]
        ?.trim() ?? '';
    const octal = (from: number, length: number) => Number.parseInt(text(from, length) || '0', 8);
    const size = Number(extended.get('size') ?? octal(124, 12));
    const type = String.fromCharCode(header[156] ?? 0);
    const body = archive.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (type === 'x') extended = new Map([...extended, ...records(body)]);
    else if (type === 'L') extended.set('path', body.toString().replace(/\0+$/, ''));
    else if (type !== 'g' && type !== 'K') {
      const prefix = text(257, 6) === 'ustar' ? text(345, 155) : '';
      const name = extended.get('path') ?? (prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`);
      entries.push({
        path: `/${name.replace(/^\.?\//, '').replace(/\/$/, '')}`,
        type: TYPES[type] ?? 'other',
        mode: octal(100, 8) & 0o7777,
        uid: Number(extended.get('uid') ?? octal(108, 8)),
        gid: Number(extended.get('gid') ?? octal(116, 8)),
        size,
        hasCapabilities: extended.has('SCHILY.xattr.security.capability'),
      });
      extended = new Map();
    }
  }
  return entries;
}

/** The records of an extended header: `LENGTH NAME=VALUE\n`; the length counts the whole record in bytes. */
function records(body: Buffer): [name: string, value: string][] {
  const found: [string, string][] = [];
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, at + 20), 10);
    const [, name = '', value = ''] =
      /^\d+ ([^=]*)=([\s\S]*)\n$/.exec(body.toString('utf8', at, at + length)) ?? [];
    found.push([name, value]);
    at += length;
  }
  return found;
}
