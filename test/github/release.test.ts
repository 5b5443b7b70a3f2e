import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jobs, type Step, workflows } from './support/workflows.ts';

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

/** Runs a step with a program replaced. @returns a reader of the files that the step wrote */
function runStep(step: Step | undefined, program: string, replacement: string) {
  writeFileSync(join(folder, program), `#!/bin/sh\n${replacement}\n`);
  chmodSync(join(folder, program), 0o755);
  // biome-ignore lint/style/noProcessEnv: PATH, for node and the shell's own tools
  const { PATH = '' } = process.env;
  const env = {
    PATH: `${folder}${delimiter}${PATH}`,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_REPOSITORY: 'owner/name',
    GITHUB_SHA: 'c0ffee',
    RUNNER_TEMP: folder,
  };
  // As GitHub starts bash.
  const options = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step?.run ?? ''];
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
  const { read, ...run } = runStep(job?.steps?.at(-1), 'gh', gh);
  return { ...run, created: read('created'), notes: read('notes.md'), output: read('output') };
}

/** Runs the step that packs with an `npm` that knows the given version and records its other commands. */
function pack(published: string) {
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'd', version: '1.1.0', type: 'module' }),
  );
  const npm = `if [ "$1" = view ]; then [ "$2" = "${published}" ]; exit; fi
if [ "$1" = pack ]; then echo d-1.1.0.tgz; fi
echo "$@" >> "${folder}/commands"`;
  const step = doctor?.steps?.find(({ id }) => id === 'pack');
  const { read, ...run } = runStep(step, 'npm', npm);
  return { ...run, commands: read('commands'), output: read('output') };
}

describe('release.yml', () => {
  test('runs for a changed version on main, after CI, if the repository publishes releases', () => {
    const { text, jobs: all } = workflows.find(({ name }) => name === 'release.yml') ?? {};
    expect(text).toContain('    branches: [main]\n    paths: [package.json, CHANGELOG.md]\n');
    expect(all?.map(([name, { if: condition }]) => [name, condition])).toEqual([
      ['ci', "vars.RELEASE == 'true'"],
      ['tag', undefined],
      ['image', "needs.tag.outputs.released == 'true' && vars.PUBLISH_IMAGE == 'true'"],
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

  test('packs the doctor with the repository of the run, and its bill of materials', () => {
    expect(pack('d@1.0.0')).toEqual({
      status: 0,
      stdout: '',
      commands: `pkg set repository.type=git repository.url=git+https://github.com/owner/name.git repository.directory=doctor
sbom --sbom-format cyclonedx --omit dev --package-lock-only --workspace doctor
pack --silent`,
      output: 'file=d-1.1.0.tgz',
    });
  });

  test('publishes only what it has packed, and does not publish a version of the doctor twice', () => {
    expect(pack('d@1.1.0')).toMatchObject({ status: 0, commands: undefined, output: undefined });
    const after = (doctor?.steps ?? []).slice(-3);
    expect(after.map((step) => step.if)).toEqual(Array(3).fill('steps.pack.outputs.file'));
  });
});
