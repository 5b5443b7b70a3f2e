import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jobs, workflows } from './support/workflows.ts';

const [, job] = jobs.find(([where]) => where === 'release.yml tag') ?? [];
const [, doctor] = jobs.find(([where]) => where === 'release.yml doctor') ?? [];
const CHANGELOG = `# Changelog

## [Unreleased]

## [1.1.0] - 2027-01-31

### Added

- More.

## [1.0.0] - 2026-12-01

- First.
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-release-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the last step of a job with a program replaced. @returns a reader of the files that the step wrote */
function runLastStep(of: typeof job, program: string, replacement: string) {
  writeFileSync(join(folder, program), `#!/bin/sh\n${replacement}\n`);
  chmodSync(join(folder, program), 0o755);
  // biome-ignore lint/style/noProcessEnv: PATH, for node and the shell's own tools
  const { PATH = '' } = process.env;
  const env = {
    PATH: `${folder}${delimiter}${PATH}`,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_SHA: 'c0ffee',
  };
  // As GitHub starts bash.
  const options = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', of?.steps?.at(-1)?.run ?? ''];
  const { status, stdout } = spawnSync('bash', options, { cwd: folder, env, encoding: 'utf8' });
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trim() : undefined;
  return { status, stdout: stdout.trim(), read };
}

/** Runs the step with a `gh` that knows the given releases and records which one it should create. */
function release(version: string, { changelog = CHANGELOG, released = '' } = {}) {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version, type: 'module' }));
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  const gh = `if [ "$2" = view ]; then [ "$3" = "${released}" ]; exit; fi\necho "$@" > created`;
  const { read, ...run } = runLastStep(job, 'gh', gh);
  return { ...run, created: read('created'), notes: read('notes.md'), output: read('output') };
}

/** Runs the step with an `npm` that knows the given version and records its other commands. */
function publish(published: string) {
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'd', version: '1.1.0', type: 'module' }),
  );
  const npm = `if [ "$1" = view ]; then [ "$2" = "${published}" ]; exit; fi\necho "$@" >> commands`;
  const { read, ...run } = runLastStep(doctor, 'npm', npm);
  return { ...run, commands: read('commands') };
}

describe('release.yml', () => {
  test('runs for a changed version on main, after CI, if the repository publishes releases', () => {
    const { text, jobs: all } = workflows.find(({ name }) => name === 'release.yml') ?? {};
    expect(text).toContain('    branches: [main]\n    paths: [package.json, CHANGELOG.md]\n');
    expect(all?.map(([name, { if: condition }]) => [name, condition])).toEqual([
      ['ci', "vars.RELEASE == 'true'"],
      ['tag', undefined],
      ['doctor', "needs.tag.outputs.released == 'true' && vars.PUBLISH_DOCTOR == 'true'"],
    ]);
    expect([job, doctor]).toMatchObject([{ needs: 'ci' }, { needs: 'tag' }]);
  });

  test('tags the commit of main with the section of the changelog as notes', () => {
    expect(release('1.1.0')).toEqual({
      status: 0,
      stdout: '',
      created: 'release create v1.1.0 --target c0ffee --title v1.1.0 --notes-file notes.md',
      notes: '### Added\n\n- More.',
      output: 'released=true',
    });
  });

  test('does nothing for a released version, or one whose section has no date yet', () => {
    expect(release('1.1.0', { released: 'v1.1.0' })).toMatchObject({
      status: 0,
      created: undefined,
      output: undefined,
    });
    const changelog = CHANGELOG.replace('2027-01-31', 'Unreleased');
    const undated = release('1.1.0', { changelog });
    expect(undated).toMatchObject({ status: 0, created: undefined });
    expect(undated.stdout).toMatch(/^::notice::CHANGELOG\.md has no date for 1\.1\.0 yet/);
  });

  test.each(['1.1.1', '1.1', '11100'])('fails for version %s, which has no section', (version) => {
    const { status, stdout, created } = release(version);
    expect([status, created]).toEqual([1, undefined]);
    expect(stdout).toBe(`::error file=CHANGELOG.md::There is no section "## [${version}] - YYYY-MM-DD".`);
  });

  test('publishes the doctor with provenance, from the repository of the run', () => {
    expect(publish('d@1.0.0')).toEqual({
      status: 0,
      stdout: '',
      commands:
        'pkg set repository.type=git repository.url=git+https://github.com/owner/name.git repository.directory=doctor\npublish --provenance',
    });
  });

  test('does not publish a version of the doctor twice', () => {
    expect(publish('d@1.1.0')).toMatchObject({ status: 0, commands: undefined });
  });
});
