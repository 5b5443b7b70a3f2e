import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

const FOLDERS = ['cli', 'doctor', 'functions', 'infra', 'scripts', 'service', 'test'];
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g;

export interface RelatedSuite {
  readonly path: string;
  /** Imports between the suite and the nearest changed file: 0 for a suite that changed itself. */
  readonly distance: number;
}

function sourcesIn(root: string): string[] {
  return FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
      .filter((name) => /\.(?:ts|mjs|cjs)$/.test(name) && !name.includes('node_modules/')),
  );
}

/** The files that import each file, by path from the root. */
function importersOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> {
  const importers = new Map<string, string[]>();
  for (const [path, text] of texts) {
    for (const [, specifier = ''] of text.matchAll(IMPORT)) {
      const imported = posix.join(posix.dirname(path), specifier);
      importers.set(imported, [...(importers.get(imported) ?? []), path]);
    }
  }
  return importers;
}

/** Whether a source reads a file that it does not import, such as a page or a manifest. */
function names(text: string, path: string): boolean {
  return !path.endsWith('.ts') && text.includes(posix.basename(path));
}

/** How many names of folders, and of itself, a suite shares with a changed file: `test/infra/keys.test.ts` and `infra/keys.ts` two. */
function sharedNames(suite: string, changed: readonly string[]): number {
  const names = suite.replace(/^test\/|\.test\.ts$/g, '').split('/');
  const of = changed.map((path) => new Set(path.replace(/\.\w+$/, '').split('/')));
  return Math.max(0, ...of.map((one) => names.filter((name) => one.has(name)).length));
}

/**
 * The suites of `npm test` that depend on a file: those that import it, directly or through others, and those that name a
 * file that cannot be imported. Those with the most names in common come first, and of these the nearest by imports.
 *
 * @param changed paths from the root
 */
export function relatedSuites(root: string, changed: readonly string[]): readonly RelatedSuite[] {
  const texts = new Map(sourcesIn(root).map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  const importers = importersOf(texts);
  const distances = new Map(changed.map((path) => [path, 0]));
  for (const [path, text] of texts) {
    if (!distances.has(path) && changed.some((file) => names(text, file))) distances.set(path, 1);
  }
  // A map is iterated in the order of insertion, additions included: breadth first.
  for (const [path, distance] of distances) {
    for (const importer of importers.get(path) ?? []) {
      if (!distances.has(importer)) distances.set(importer, distance + 1);
    }
  }
  return [...distances]
    .filter(([path]) => path.startsWith('test/') && path.endsWith('.test.ts') && texts.has(path))
    .map(([path, distance]) => ({ path, distance, shared: sharedNames(path, changed) }))
    .sort((a, b) => b.shared - a.shared || a.distance - b.distance)
    .map(({ path, distance }) => ({ path, distance }));
}
