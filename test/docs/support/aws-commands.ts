import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The arguments of a call of the AWS CLI, such as `['ecs', 'list-tasks', '--cluster', 'value']`. */
export type AwsCommand = readonly string[];

/** Replaces `aws`: writes its arguments to a file and prints a value that the next command accepts. */
const STAND_IN = `#!/bin/sh
for argument in "$@"; do printf '%s\\037' "$argument"; done >> "$AWS_CALLS"
printf '\\036' >> "$AWS_CALLS"
case "$2" in
  list-object-versions) echo '{"Objects":[{"Key":"k","VersionId":"v"}],"Quiet":true}' ;;
  delete-objects) exit 1 ;;
  *) echo value ;;
esac
`;
const OTHERS = `#!/bin/sh
exit 0
`;
/** The list of resources from before the removal of a stage. */
const LEFT = [
  'AWS::S3::Bucket',
  'AWS::Logs::LogGroup',
  'AWS::Lambda::Function',
  'AWS::SecretsManager::Secret',
  'AWS::KMS::Key',
  'AWS::ElasticLoadBalancingV2::LoadBalancer',
];

const RECORD = '\u001e';
const UNIT = '\u001f';

/** The beginning of a page's scripts: functions and variables that the page defines for all of them. */
function preambleOf(blocks: readonly string[]): string {
  return blocks.find((block) => block.includes('\nof() {')) ?? '';
}

function run(script: string): AwsCommand[] {
  const folder = mkdtempSync(join(tmpdir(), 'mcp-runbook-'));
  try {
    const calls = join(folder, 'calls');
    writeFileSync(calls, '');
    writeFileSync(join(folder, 'left.txt'), LEFT.map((type) => `${type}\tvalue\n`).join(''));
    for (const [name, text] of [['aws', STAND_IN], ...['npm', 'npx', 'git'].map((name) => [name, OTHERS])]) {
      writeFileSync(join(folder, name ?? ''), text ?? '');
      chmodSync(join(folder, name ?? ''), 0o755);
    }
    // biome-ignore lint/style/noProcessEnv: PATH, for the shell's own tools
    const { PATH = '' } = process.env;
    const env = { PATH: `${folder}${delimiter}${PATH}`, AWS_CALLS: calls };
    // Failures are expected, because there are no logs to read.
    execFileSync('bash', ['-c', `${script}\nexit 0`], { cwd: folder, env, stdio: 'ignore', timeout: 20_000 });
    return readFileSync(calls, 'utf8')
      .split(RECORD)
      .slice(0, -1)
      .map((call) => call.split(UNIT).slice(0, -1));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every AWS CLI call in a page after expansion by the shell: in blocks, in loops and in the text. */
export function awsCommandsOf(page: string): readonly AwsCommand[] {
  const text = page.replaceAll(/\bMS\b/g, '1767225600000');
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].map(([, block = '']) => block);
  const preamble = preambleOf(blocks);
  const inText = [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/`(aws [a-z][^`]*)`/g)].map(
    ([, command = '']) => command,
  );
  const scripts = [...blocks, ...inText].filter((script) => /\baws [a-z]/.test(script));
  const known = preamble ? run(preamble).length : 0;
  return scripts.flatMap((script) =>
    script === preamble ? run(script) : run(`${preamble}\n${script}`).slice(known),
  );
}
