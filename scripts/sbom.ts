import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../cli/arguments.ts';

interface Bill {
  components: { 'bom-ref': string; name: string; version: string }[];
  dependencies: { ref: string; dependsOn: string[] }[];
  metadata: { component: { 'bom-ref': string; name: string } };
}

const USAGE = `usage: npm run -s sbom > sbom.json
Prints the software bill of materials of the bundle in the image, CycloneDX 1.5.`;
readArguments(USAGE, {}, () => {});

// npm's own `--omit=dev` also omits packages that a development tool needs too, such as express.
const npm = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const whole: Bill = JSON.parse(execFileSync('npm', npm, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 }));

const folder = mkdtempSync(join(tmpdir(), 'mcp-sbom-'));
const metafile = join(folder, 'metafile.json');
execFileSync('npm', [
  ...['run', '--silent', 'build', '--'],
  ...[`--metafile=${metafile}`, `--outfile=${join(folder, 'main.cjs')}`],
]);
const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { inputs: Record<string, unknown> };
rmSync(folder, { recursive: true });
const bundled = new Set(
  Object.keys(inputs).flatMap((path) => {
    const [, home] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
    if (home === undefined) return [];
    const { name, version } = JSON.parse(readFileSync(`${home}/package.json`, 'utf8'));
    return `${name}@${version}`;
  }),
);

const components = whole.components.filter(({ name, version }) => bundled.has(`${name}@${version}`));
const root = whole.metadata.component;
const refs = new Set([root['bom-ref'], ...components.map((component) => component['bom-ref'])]);
const dependencies = whole.dependencies
  .filter(({ ref }) => refs.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) }));
// npm uses the name of the folder.
const [, name = root.name] = /^(.*)@/.exec(root['bom-ref']) ?? [];
const metadata = { ...whole.metadata, component: { ...root, name } };
process.stdout.write(`${JSON.stringify({ ...whole, metadata, components, dependencies }, null, 2)}\n`);
