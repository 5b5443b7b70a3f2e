import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from '@jest/globals';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'));
const manifest = read('package.json') as Record<string, Record<string, string>>;
const lock = read('package-lock.json').packages as Record<string, { version: string; dev?: boolean }>;

interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses: readonly unknown[];
  readonly hashes: readonly unknown[];
}

let components: readonly Component[];
beforeAll(() => {
  const bill = JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom'], { encoding: 'utf8' }));
  expect(bill).toMatchObject({ bomFormat: 'CycloneDX', metadata: { component: { name: manifest['name'] } } });
  components = bill.components;
}, 30_000);

test('the bill of materials lists the components of the service, and their components', () => {
  const listed = components.map(({ name, version }) => `${name}@${version}`);
  // Those that only the scraper uses are not in the program of a fork that has deleted it.
  const folder = fileURLToPath(new URL('../../service', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => readFileSync(join(folder, path), 'utf8'))
    .join('\n');
  const direct = Object.entries(manifest['dependencies'] ?? {})
    .filter(([name]) => new RegExp(`'${name}(?:/[^']*)?'`).test(sources))
    .map(([name, version]) => `${name}@${version}`);
  expect(direct.length).toBeGreaterThan(8);
  expect(listed).toEqual(expect.arrayContaining(direct));
  expect(listed).toContain(`qs@${lock['node_modules/qs']?.version}`);
});

test('it lists no development tool', () => {
  const runtime = new Set(
    Object.entries(lock).flatMap(([path, { version, dev }]) =>
      dev ? [] : `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`,
    ),
  );
  expect(components.filter(({ name, version }) => !runtime.has(`${name}@${version}`))).toEqual([]);
});

test('each has its licence and its hash', () => {
  expect(components.filter(({ licenses, hashes }) => !licenses?.length || !hashes?.length)).toEqual([]);
});
