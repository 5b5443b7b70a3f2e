import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startSound, TOKEN } from '../../doctor/test/support/sound-server.ts';
import { buildOptions } from './build.ts';
import type { Engine } from './engine.ts';
import type { Bases } from './stand-in-bases.ts';

const IMAGE = 'localhost/hardened-mcp-doctor-container-test:latest';
const ROOT = resolve(import.meta.dirname, '../..');
/** Any user but that of the image. */
const REPORTER = 65_501;

/**
 * Builds doctor/Dockerfile, and lets its container check a server on this machine that needs no token.
 *
 * @param folder where to work; the caller removes it
 * @returns differences from what its comments promise
 */
export async function doctorFindings(
  engine: Engine,
  folder: string,
  bases: Bases | undefined,
): Promise<string[]> {
  execFileSync('npm', ['run', '--silent', 'doctor:build'], { cwd: ROOT });
  engine.run(['build', '--tag', IMAGE, ...buildOptions(engine, folder, bases), join(ROOT, 'doctor')]);
  const [{ Config: config }] = JSON.parse(engine.run(['image', 'inspect', IMAGE]));
  const shell = engine.try(['run', '--rm', '--pull=never', '--entrypoint', '/bin/sh', IMAGE, '-c', 'exit 0']);
  const reports = join(folder, 'reports');
  mkdirSync(reports);
  chownSync(reports, REPORTER, REPORTER);
  const server = await startSound({ open: true });
  try {
    const hardened = ['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--network=host'];
    const run = engine.start([
      ...['run', '--rm', '--pull=never', ...engine.quirks(hardened), '--user', String(REPORTER)],
      ...['--volume', `${reports}:/reports`, '--env', `MCP_TOKEN=${TOKEN}`, IMAGE],
      ...['--patience', '1', '--output', 'report', server.url],
    ]);
    const code = await run.exited(60_000);
    const read = () => JSON.parse(readFileSync(join(reports, 'report.json'), 'utf8'));
    const { exitCode, findings = [] } = code === 3 ? read() : {};
    const failed = findings.flatMap(({ id, outcome }: { id: string; outcome: string }) =>
      outcome === 'fail' ? [id] : [],
    );
    return [
      ...(config.User === '65532:65532' ? [] : [`the doctor's image runs as ${config.User}`]),
      ...(shell.status === 0 ? ["the doctor's image has a shell"] : []),
      ...(code === 3 && exitCode === 3 ? [] : [`the doctor's container exits with ${code}: ${run.stderr()}`]),
      ...(failed.join() === 'authentication/missing-token' ? [] : [`the doctor's container finds ${failed}`]),
    ];
  } finally {
    await server.stop();
  }
}
