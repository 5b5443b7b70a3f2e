import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { jobs } from './support/workflows.ts';

const stepsOf = (where: string) => jobs.find(([name]) => name === where)?.[1].steps ?? [];
const attestations = (where: string) =>
  stepsOf(where).filter(({ uses }) => uses?.startsWith('actions/attest@'));
const expression = (of: string) => `\${{ ${of} }}`;

describe('the published image', () => {
  test('attests its provenance and its bill of materials, of the digest that was pushed', () => {
    const subject = {
      'subject-name': expression('steps.push.outputs.name'),
      'subject-digest': expression('steps.push.outputs.digest'),
      'push-to-registry': true,
      'create-storage-record': false,
    };
    expect(attestations('image.yml publish').map((step) => step.with)).toEqual([
      subject,
      { ...subject, 'sbom-path': 'sbom.json' },
    ]);
  });
});

describe('the published package of the doctor', () => {
  test('is the file that was attested, with its bill of materials', () => {
    const path = `doctor/${expression('steps.pack.outputs.file')}`;
    expect(attestations('release.yml doctor').map((step) => step.with)).toEqual([
      { 'subject-path': path },
      { 'subject-path': path, 'sbom-path': `${expression('runner.temp')}/doctor-sbom.json` },
    ]);
    expect(stepsOf('release.yml doctor').at(-1)?.run).toBe('npm publish --provenance "./$FILE"');
  });
});

describe('deploy.yml', () => {
  const steps = stepsOf('deploy.yml deploy');
  const verify = steps.findIndex(({ name }) => name === 'Verify the attestation of the image');
  const DIGEST = `sha256:${'ab'.repeat(32)}`;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mcp-verify-'));
    mkdirSync(join(folder, 'cdk.out'));
    // A `gh` that writes its arguments to a file.
    const gh = `#!/bin/sh\necho "$@" >> "${folder}/calls"\n[ ! -e "${folder}/unattested" ]\n`;
    writeFileSync(join(folder, 'gh'), gh);
    chmodSync(join(folder, 'gh'), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the step for a template whose task has this image, as GitHub starts bash. */
  function run(image: unknown, attestedBy = 'acme/mcp') {
    const definition = {
      ContainerDefinitions: [
        { Name: 'server', Image: 'other' },
        { Name: 'mcp', Image: image },
      ],
    };
    const template = { Resources: { Task: { Type: 'AWS::ECS::TaskDefinition', Properties: definition } } };
    writeFileSync(join(folder, 'cdk.out/Mcp.template.json'), JSON.stringify(template));
    // biome-ignore lint/style/noProcessEnv: PATH, for node and the shell's own tools
    const { PATH = '' } = process.env;
    const env = {
      PATH: `${folder}${delimiter}${PATH}`,
      ATTESTED_BY: attestedBy,
      GH_TOKEN: 'token',
    };
    const command = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', steps[verify]?.run ?? ''];
    const { status, stdout, stderr } = spawnSync('bash', command, { cwd: folder, env, encoding: 'utf8' });
    const calls = existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '';
    return { status, output: stdout + stderr, calls };
  }

  test('verifies before it has credentials', () => {
    const credentials = steps.findIndex(({ uses }) => uses?.startsWith('aws-actions/'));
    expect(verify).toBeGreaterThan(0);
    expect(verify).toBeLessThan(credentials);
  });

  test.each([`ghcr.io/acme/mcp@${DIGEST}`, `public.ecr.aws/acme/mcp@${DIGEST}`])(
    'verifies that the workflow of the repository attested %s',
    (image) => {
      expect(run(image)).toMatchObject({
        status: 0,
        calls: `attestation verify oci://${image} --repo acme/mcp --signer-workflow acme/mcp/.github/workflows/image.yml --deny-self-hosted-runners\n`,
      });
    },
  );

  test('an image without a verified attestation is not deployed', () => {
    writeFileSync(join(folder, 'unattested'), '');
    expect(run(`ghcr.io/acme/mcp@${DIGEST}`).status).not.toBe(0);
  });

  test.each([[{ 'Fn::Sub': 'asset' }], ['ghcr.io/acme/mcp:latest'], [undefined]])(
    'refuses %j where an attestation is required',
    (image) => {
      const { status, output, calls } = run(image);
      expect([status, calls]).toEqual([1, '']);
      expect(output).toContain('::error::IMAGE_ATTESTED_BY is set');
    },
  );

  test('verifies nothing unless the repository requires it', () => {
    expect(run({ 'Fn::Sub': 'asset' }, '')).toMatchObject({ status: 0, calls: '' });
  });
});
