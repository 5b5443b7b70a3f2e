import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startProcess } from '../../test/service/support/start-process.ts';
import { MAIN } from './support/main.ts';
import { answersOn, reader } from './support/scenarios.ts';
import { type SoundOptions, type SoundServer, startSound, TOKEN } from './support/sound-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcp-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function doctor(words: readonly string[], variables: Record<string, string> = {}) {
  const cli = startProcess(process.execPath, [MAIN, ...words], variables);
  const code = await cli.exited(25_000);
  return { code, stdout: cli.stdout(), stderr: cli.stderr() };
}

/** It needs no token, and answers a page of another origin, which cannot read the answer. */
const FOREIGN_ORIGIN: SoundOptions = {
  open: true,
  ...answersOn(({ request }) => request.headers.origin !== undefined),
};

describe('npm run doctor', () => {
  let server: SoundServer;
  let words: string[];
  const start = async (options?: SoundOptions) => {
    server = await startSound({ secure: true, ...options });
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, server.ca ?? '');
    words = [server.url, '--ca', ca, '--http-port', String(server.httpPort), '--patience', '2'];
  };
  afterEach(() => server?.stop());

  test('prints a table and its progress, and exits with 0 if every check passed', async () => {
    await start();
    const { code, stdout, stderr } = await doctor(words, { MCP_TOKEN: TOKEN });
    expect(stdout).toMatch(/^pass +origin\/foreign +Requests from other origins are refused$/m);
    expect(stdout).toMatch(/^70 passed, 0 failed, 0 inconclusive, 21 not applicable\.$/m);
    expect(stderr).toContain('91 of 91 checks done');
    expect(stdout + stderr).not.toContain('\u001b');
    expect(code).toBe(0);
  });

  test('exits by severity, and shows evidence, fix and reference', async () => {
    await start(FOREIGN_ORIGIN);
    const { code, stdout } = await doctor(words, { MCP_TOKEN: TOKEN });
    expect(stdout).toMatch(
      /^fail +medium +origin\/foreign +Requests from pages of other origins are answered\n +seen: origin: https:\/\/attacker.*\n +try: +curl -i .*\n +fix: +Answer 403 .*\n(?: +[\w() ]+: .*\n)+ +see: +MCP 2026/m,
    );
    expect(code).toBe(3);
  });

  test('exits with 1 for a low severity, and if a check was inconclusive', async () => {
    await start({ before: ({ response }) => !response.setHeader('server', 'nginx/1.18.0') });
    const some = [...words, '--only', 'leakage,origin'];
    expect((await doctor(some, { MCP_TOKEN: TOKEN })).code).toBe(1);
    await server.stop();
    await start();
    const { code, stdout } = await doctor([...words, '--only', 'leakage,origin']);
    expect(stdout).toContain('Checks that need a token were not run: no token was given, set MCP_TOKEN.');
    expect(code).toBe(1);
  });

  test('writes every format to files, with the token from a file', async () => {
    await start({ metadata: { resource: 'https://other.example.com/mcp' } });
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    const output = join(folder, 'report');
    const { code, stdout } = await doctor([
      ...words,
      ...['--only', 'metadata,tls', '--token-file', tokenFile, '--output', output],
    ]);
    expect(stdout).toContain('metadata/resource');
    expect(code).toBe(2);
    const json = JSON.parse(readFileSync(`${output}.json`, 'utf8'));
    expect(json).toMatchObject({ version: 1, exitCode: 2, url: server.url, findings: expect.any(Array) });
    const junit = readFileSync(`${output}.xml`, 'utf8');
    expect(junit).toMatch(/<testsuites name="doctor [^"]+" tests="11" failures="1" errors="0" time="/);
    expect(junit).toMatch(/<failure type="medium" message="resource is &quot;https:\/\/other/);
    const html = readFileSync(`${output}.html`, 'utf8');
    expect(html).toMatch(/^<!doctype html>/);
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/ src=| href="(?!#)|<script|<link|url\(/);
    for (const text of [JSON.stringify(json), junit, html]) expect(text).not.toContain(TOKEN);
  });

  test('prints only the requested format', async () => {
    await start();
    const { stdout } = await doctor([...words, '--only', 'tls,certificate/name', '--json'], {
      MCP_TOKEN: TOKEN,
    });
    expect(JSON.parse(stdout).findings).toHaveLength(6);
  });
});

describe('before the first attack, npm run doctor', () => {
  test('checks that it can write the reports and the pin', async () => {
    let requests = 0;
    const server = await startSound({ before: () => ++requests < 0 });
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    for (const words of [
      ['--output', join(folder, 'nowhere', 'report')],
      ['--output', join(file, 'report')],
      ['--pin', folder],
    ]) {
      const { code, stderr } = await doctor([server.url, ...words]);
      expect(stderr).toMatch(/ cannot be written \((?:ENOENT|ENOTDIR|EISDIR)\)\n/);
      expect(code).toBe(64);
    }
    await server.stop();
    expect(requests).toBe(0);
  });
});

test('Ctrl-C ends the sessions of npm run doctor, and the report says which checks were not run', async () => {
  const open = new Set<unknown>();
  const server = await startSound({
    sessions: true,
    server: { headersTimeout: 0, requestTimeout: 0 },
    handle({ message, response }) {
      if (message.method === 'initialize') open.add(response.getHeader('mcp-session-id'));
      return false;
    },
    before({ request }) {
      if (request.method === 'DELETE') open.delete(request.headers['mcp-session-id']);
      return false;
    },
  });
  const words = [server.url, '--only', 'authentication,eras,bodies/unfinished', '--patience', '60'];
  const cli = startProcess(process.execPath, [MAIN, ...words], { MCP_TOKEN: TOKEN });
  // The last check waits for its patience.
  await cli.says(/10 of 12 checks done/);
  expect(open.size).toBeGreaterThan(0);
  cli.child.kill('SIGINT');
  expect(await cli.exited()).toBe(130);
  await server.stop();
  expect(open.size).toBe(0);
  expect(cli.stdout()).toMatch(/^inconclusive +bodies\/unfinished .*\(not run: the run was interrupted\)$/m);
  expect(cli.stdout()).toMatch(/^pass +authentication\/missing-token/m);
});

test('--pin writes hashes of the definitions, and --check-pin reports a definition that changed', async () => {
  const file = join(folder, 'pin.json');
  const words = (server: SoundServer, option: string) => [
    server.url,
    '--only',
    'definitions/pinned',
    option,
    file,
  ];
  const tools = [reader('note', 'text')];
  const before = await startSound({ open: true, tools });
  expect((await doctor(words(before, '--pin'))).code).toBe(0);
  expect((await doctor(words(before, '--check-pin'))).code).toBe(0);
  await before.stop();
  const after = await startSound({ open: true, tools: [{ ...tools[0], description: 'Sends notes.' }] });
  const { code, stdout } = await doctor(words(after, '--check-pin'));
  await after.stop();
  expect(stdout).toMatch(/^fail +high +definitions\/pinned .*\n +seen: changed: tool note\n/m);
  expect(code).toBe(3);
});

describe('npm run doctor refuses', () => {
  let open: SoundServer;
  beforeAll(async () => {
    open = await startSound();
  });
  afterAll(() => open.stop());

  test.each([
    [[], 'exactly one URL is required'],
    [['ftp://localhost/'], 'the URL must be http or https, got "ftp://localhost/"'],
    [['https://user:secret-word@localhost/'], 'the URL must not contain credentials or a fragment'],
    [
      ['http://127.0.0.1:1/', '--rate-test', '0'],
      '--rate-test must be a whole number from 1 to 2000, got "0"',
    ],
    [['http://127.0.0.1:1/', '--format', 'json,html'], 'more than one format needs --output NAME'],
    [['http://127.0.0.1:1/', '--only', 'origin,nothing'], 'no check and no group is named "nothing"'],
    [['http://127.0.0.1:1/', '--only', 'origin', '--skip', 'origin'], '--only and --skip leave no check'],
    [['http://127.0.0.1:1/', '--canary', 'ftp://x/'], '--canary must be an http URL, got "ftp://x/"'],
    [['http://127.0.0.1:1/', '--check-pin', MAIN], 'doctor.mjs is no file that --pin wrote'],
    [['http://127.0.0.1:1/', '--format', 'pdf'], '--format must be json, junit, html, sarif, got "pdf"'],
    [['http://127.0.0.1:1/', '--fail-on', 'all'], '--fail-on must be low, medium, high, never, got "all"'],
    [['http://127.0.0.1:1/', '--header', 'secret-word'], '--header must be a name, a colon and a value'],
    [
      ['http://127.0.0.1:1/', '--header', 'Host: secret-word'],
      '--header cannot set Host: the doctor sets it',
    ],
    [['http://127.0.0.1:1/', '--client-id', 'me'], '--client-id needs --issuer'],
    [['http://127.0.0.1:1/', '--baseline', '/nowhere'], '/nowhere cannot be read (ENOENT)'],
    [['http://127.0.0.1:1/', '--ca', '/nowhere'], '/nowhere cannot be read (ENOENT)'],
    [['http://127.0.0.1:1/', '--token', 'x'], "Unknown option '--token'"],
  ])('%j', async (words, text) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...words], {
      encoding: 'utf8',
      env: {},
    });
    expect(stderr).toContain(text);
    expect(stderr).not.toContain('secret-word');
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  });

  test('a malformed token, without printing it', async () => {
    const { code, stderr } = await doctor([open.url], { MCP_TOKEN: 'Bearer abc-def-ghi' });
    expect(stderr).toContain('MCP_TOKEN must be one token');
    expect(stderr).not.toContain('abc-def');
    expect(code).toBe(64);
  });

  test('a URL where nothing listens, with 69', async () => {
    expect(await doctor(['http://127.0.0.1:1/mcp'])).toMatchObject({
      code: 69,
      stderr: 'no HTTP response: nothing listens there, or the server closes the connection\n',
    });
  });

  test('no run with --help', async () => {
    const { code, stdout } = await doctor(['--help']);
    expect(stdout).toContain('  0   every check passed or does not apply');
    expect(code).toBe(0);
  });
});
