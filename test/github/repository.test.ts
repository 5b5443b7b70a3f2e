import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifest = JSON.parse(read('package.json'));

describe('dependency updates', () => {
  interface Update {
    readonly 'package-ecosystem': string;
    readonly directory: string;
    readonly cooldown?: Readonly<Record<string, number>>;
    readonly groups?: Readonly<Record<string, { readonly patterns?: readonly string[] }>>;
    readonly ignore?: readonly {
      readonly 'dependency-name': string;
      readonly versions?: readonly string[];
    }[];
  }
  const updates = parse(read('.github/dependabot.yml')).updates as readonly Update[];

  test('cover every lockfile and the actions', () => {
    expect(updates.map((update) => `${update['package-ecosystem']} ${update.directory}`)).toEqual([
      'npm /',
      'npm /scripts/bench',
      'npm /test/clients',
      'github-actions /',
    ]);
    const folders = ['.', 'test', 'scripts'].flatMap((parent) =>
      readdirSync(join(root, parent)).map((name) => join(parent, name)),
    );
    const lockfiles = folders.filter(
      (folder) => folder !== 'node_modules' && existsSync(join(root, folder, 'package-lock.json')),
    );
    expect(lockfiles).toEqual(['test/clients', 'scripts/bench']);
  });

  test('arrive in groups, at least a week old', () => {
    for (const { cooldown, groups } of updates) {
      expect(Math.min(...Object.values(cooldown ?? { none: 0 }))).toBeGreaterThanOrEqual(7);
      expect(cooldown).toHaveProperty('default-days');
      expect(Object.keys(groups ?? {})).not.toEqual([]);
    }
  });

  test('keep the CDK together and its CLI on 2.x', () => {
    const [npm] = updates;
    expect(npm?.ignore).toContainEqual({ 'dependency-name': 'aws-cdk', versions: ['>=3'] });
    const cdk = Object.keys(manifest.devDependencies).filter((name) => /cdk|^constructs$/.test(name));
    const patterns = npm?.groups?.['cdk']?.patterns ?? [];
    const covered = (name: string) => patterns.includes(name) || patterns.includes(`${name.split('/')[0]}/*`);
    expect(cdk.length).toBeGreaterThan(3);
    expect(cdk.filter((name) => !covered(name))).toEqual([]);
  });
});

describe('issue forms', () => {
  const folder = '.github/ISSUE_TEMPLATE';
  const forms = readdirSync(join(root, folder)).filter((name) => name !== 'config.yml');

  test('are the only way to open an issue', () => {
    expect(forms).toEqual(['bug.yml', 'deployment.yml', 'feature.yml']);
    expect(parse(read(`${folder}/config.yml`)).blank_issues_enabled).toBe(false);
  });

  test.each(forms)('%s asks only for fields that GitHub supports', (name) => {
    const form = parse(read(`${folder}/${name}`));
    expect(Object.keys(form)).toEqual(['name', 'description', 'labels', 'body']);
    const fields = (form.body as { type: string; id?: string; attributes: Record<string, unknown> }[]).filter(
      ({ type }) => type !== 'markdown',
    );
    expect(
      fields.filter(({ type }) => !['dropdown', 'textarea', 'input', 'checkboxes'].includes(type)),
    ).toEqual([]);
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    expect(fields.filter(({ id, attributes }) => !id || !attributes['label'])).toEqual([]);
  });

  test('ask for the report of the acceptance run, by a command that exists', () => {
    const { body } = parse(read(`${folder}/deployment.yml`));
    const report = (body as { id?: string; attributes: Record<string, string> }[]).find(
      ({ id }) => id === 'report',
    );
    const [, script = ''] =
      /`npm run -s (\w+) -- --stage NAME`/.exec(report?.attributes['description'] ?? '') ?? [];
    expect(manifest.scripts[script]).toContain('cli/acceptance.ts');
  });

  test('direct a vulnerability to the private report', () => {
    for (const form of ['bug.yml', 'deployment.yml'])
      expect(read(`${folder}/${form}`)).toContain('**A vulnerability does not belong here.**');
    expect(read('SECURITY.md')).toContain('](../../security/advisories/new)');
  });
});

test('the example of code owners names existing paths, including the workflows and the lockfile', () => {
  const paths = [...read('.github/CODEOWNERS.example').matchAll(/^(\/\S+)/gm)].map(([path]) => path);
  expect(paths).toEqual(expect.arrayContaining(['/.github/', '/package-lock.json', '/infra/']));
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('the licence is the one that package.json names', () => {
  expect(read('LICENSE')).toMatch(new RegExp(`^${manifest.license} License\n`));
});

describe('the changelog', () => {
  const headings = [...read('CHANGELOG.md').matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading);

  test('has the form of Keep a Changelog: unreleased changes first, then versions with their dates', () => {
    const [first, ...versions] = headings;
    expect(first).toBe('[Unreleased]');
    const malformed = versions.filter(
      (heading) => !/^\[\d+\.\d+\.\d+\] - (\d{4}-\d{2}-\d{2}|Unreleased)$/.test(heading),
    );
    expect(malformed).toEqual([]);
    const kinds = [...read('CHANGELOG.md').matchAll(/^### (.*)$/gm)].map(([, kind = '']) => kind);
    const allowed = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];
    expect(kinds.filter((kind) => !allowed.includes(kind))).toEqual([]);
  });

  test('has a section for the version of package.json, which is the newest', () => {
    expect(headings[1]).toMatch(new RegExp(`^\\[${manifest.version.replaceAll('.', '\\.')}\\] - `));
  });
});
