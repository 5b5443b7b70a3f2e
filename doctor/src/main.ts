#!/usr/bin/env node
import { accessSync, constants, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createTextCleaner } from './clean-text.ts';
import { type ExamineOptions, examine, type Report } from './examine.ts';
import { parsePin } from './pin.ts';
import { EXIT_INTERRUPTED, EXIT_UNREACHABLE, EXIT_USAGE, exitCodeOf } from './report/exit-code.ts';
import { htmlOf } from './report/html.ts';
import { jsonOf } from './report/json.ts';
import { junitOf } from './report/junit.ts';
import { createProgress } from './report/progress.ts';
import { tableOf } from './report/table.ts';
import { TargetError } from './target-error.ts';

/** How the user starts this program: from the repository, or as the bundle of the npm package. */
const COMMAND = import.meta.filename.endsWith('.ts') ? 'npm run -s doctor --' : 'npx hardened-mcp-doctor';

const USAGE = `usage: ${COMMAND} URL [--json | --junit | --html] [--output NAME] [options]

Runs security checks against the MCP server at URL and prints the results. Works with any MCP server over HTTP. The
doctor connects only to the host in URL, follows no redirects, and stops after 1000 requests or 5 minutes.

Check only servers that you are allowed to test. Use a token that you created for the run, and revoke it afterwards: one
check sends it in a query string, which logs may keep. The doctor does not send the token if the certificate is not
valid, or if the URL is http and not on this machine.

  --json, --junit, --html  print the report in this format instead of the table
  --output NAME            write the reports to NAME.json, NAME.xml and NAME.html and print the table. With format
                           options, write only those formats
  --token-file FILE        read the token from the first line of FILE. Default: environment variable MCP_TOKEN
  --ca FILE                PEM file of the certificate authorities to trust instead of the public ones
  --http-port PORT         plain HTTP port of the host. Default: 80 if the URL uses port 443
  --only NAMES             run only these checks or groups, for example origin,ssrf/addresses
  --skip NAMES             do not run these checks or groups
  --no-tools               call no tool
  --call-tools             also call tools that do not declare readOnlyHint: true. These may change or delete data.
                           The report lists every tool and why it was called or not
  --inject                 also send texts to these tools that would run a command or read a file if they worked
  --canary URL             URL under which the server reaches this machine. The doctor listens on its port, and notices
                           tools that fetch it. Default: a port on loopback, if the server is on this machine
  --issuer URL             also check this authorization server, which then gets requests too
  --session-idle SECONDS   also check that a session that is not used for this long has ended (1-3600)
  --pin FILE               write hashes of the definitions of tools and prompts to FILE
  --check-pin FILE         compare the definitions with a FILE that --pin wrote
  --rate-test N            also check rate limits, with up to N requests per check (1-2000). The server may limit other
                           clients during these checks
  --timeout SECONDS        timeout for each response (1-60, default 10)
  --patience SECONDS       time within which the server must close an unfinished request (1-120, default 30)
  --help                   print this text

Environment variables:
  MCP_TOKEN                token for the server
  MCP_EXPIRED_TOKEN        expired token, which the server must refuse. Default: not checked
  MCP_SECOND_TOKEN         token of another client, which must not reach the sessions of the first. Default: not checked

Exit codes:
  0   every check passed or does not apply
  1   a low-severity check failed, or a check was inconclusive
  2   a medium-severity check failed
  3   a high-severity check failed
  ${EXIT_USAGE}  the command line is wrong
  ${EXIT_UNREACHABLE}  no MCP server answered
  ${EXIT_INTERRUPTED} interrupted with Ctrl-C; the report says which checks were not run
For an http URL, the checks of TLS, the certificate and the plain HTTP port do not apply: exit code 0 does not cover them.
`;

interface Command extends ExamineOptions {
  readonly url: string;
  readonly formats: readonly Format[];
  readonly output: string | undefined;
  /** File for the hashes of the definitions. */
  readonly pinFile: string | undefined;
}

type Format = keyof typeof FORMATS;

const FORMATS = {
  json: { extension: 'json', write: jsonOf },
  junit: { extension: 'xml', write: junitOf },
  html: { extension: 'html', write: htmlOf },
} as const;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  junit: { type: 'boolean', default: false },
  html: { type: 'boolean', default: false },
  output: { type: 'string' },
  'token-file': { type: 'string' },
  ca: { type: 'string' },
  'http-port': { type: 'string' },
  only: { type: 'string' },
  skip: { type: 'string' },
  'no-tools': { type: 'boolean', default: false },
  'call-tools': { type: 'boolean', default: false },
  inject: { type: 'boolean', default: false },
  canary: { type: 'string' },
  issuer: { type: 'string' },
  'session-idle': { type: 'string' },
  pin: { type: 'string' },
  'check-pin': { type: 'string' },
  'rate-test': { type: 'string' },
  timeout: { type: 'string' },
  patience: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function readCommand(): Command | 'help' {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (values.help) return 'help';
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) throw new TargetError('usage', 'exactly one URL is required');
  const formats = (Object.keys(FORMATS) as Format[]).filter((format) => values[format]);
  if (values.output === undefined && formats.length > 1) {
    throw new TargetError('usage', 'more than one format needs --output NAME');
  }
  const number = (name: 'http-port' | 'rate-test' | 'timeout' | 'patience' | 'session-idle', max: number) => {
    const text = values[name];
    if (text === undefined) return undefined;
    if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
    throw new TargetError(
      'usage',
      `--${name} must be a whole number from 1 to ${max}, got ${JSON.stringify(text)}`,
    );
  };
  const milliseconds = (seconds: number | undefined) => seconds && seconds * 1000;
  // biome-ignore lint/style/noProcessEnv: the process starts here, and process lists show arguments
  const { MCP_TOKEN, MCP_EXPIRED_TOKEN, MCP_SECOND_TOKEN } = process.env;
  const file = values['token-file'];
  const [token, source] =
    file === undefined ? [MCP_TOKEN, 'MCP_TOKEN'] : [readText(file).split('\n', 1)[0], '--token-file'];
  return {
    url,
    formats:
      values.output !== undefined && formats.length === 0 ? (Object.keys(FORMATS) as Format[]) : formats,
    output: values.output,
    token: checkToken(token, source),
    expiredToken: checkToken(MCP_EXPIRED_TOKEN, 'MCP_EXPIRED_TOKEN'),
    secondToken: checkToken(MCP_SECOND_TOKEN, 'MCP_SECOND_TOKEN'),
    ...{ only: listOf(values.only), skip: listOf(values.skip) },
    ...{ noTools: values['no-tools'], inject: values.inject, issuer: values.issuer, pinFile: values.pin },
    canary: values.canary === undefined ? undefined : canaryOf(values.canary),
    pin:
      values['check-pin'] === undefined
        ? undefined
        : parsePin(readText(values['check-pin']), values['check-pin']),
    sessionIdleMs: milliseconds(number('session-idle', 3600)),
    ca: values.ca === undefined ? undefined : readText(values.ca),
    httpPort: number('http-port', 65_535),
    callTools: values['call-tools'],
    rateTest: number('rate-test', 2000),
    timeoutMs: milliseconds(number('timeout', 60)),
    patienceMs: milliseconds(number('patience', 120)),
  };
}

const listOf = (text: string | undefined) =>
  text
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

function canaryOf(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' && url.username === '') return url;
  throw new TargetError('usage', `--canary must be an http URL, got ${JSON.stringify(text)}`);
}

/** Before the run, because the report of an attack that cannot be written is lost. @throws TargetError if it cannot */
function checkWritable({ output, formats, pinFile }: Command): void {
  const reports = output === undefined ? [] : formats.map((each) => `${output}.${FORMATS[each].extension}`);
  for (const file of [...reports, ...(pinFile === undefined ? [] : [pinFile])]) {
    try {
      accessSync(existsSync(file) ? file : `${dirname(file)}/.`, constants.W_OK);
      if (existsSync(file) && statSync(file).isDirectory())
        throw Object.assign(new Error(), { code: 'EISDIR' });
    } catch (error) {
      throw new TargetError('usage', `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
  }
}

/** Treats an empty value as not set. The error never contains the value. */
function checkToken(text: string | undefined, source: string): string | undefined {
  const token = text?.trim();
  if (token === undefined || token === '') return undefined;
  if (/^[\w.~+/-]{8,8192}=*$/.test(token)) return token;
  throw new TargetError(
    'usage',
    `${source} must be one token of at least 8 letters, digits or -._~+/ characters, without "Bearer"`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TargetError('usage', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function print(report: Report, { formats, output, pinFile }: Command): void {
  if (pinFile !== undefined) writeFileSync(pinFile, `${JSON.stringify(report.pin, null, 2)}\n`);
  const [format] = formats;
  if (output === undefined && format !== undefined) {
    process.stdout.write(FORMATS[format].write(report));
    return;
  }
  for (const each of formats) {
    writeFileSync(`${output}.${FORMATS[each].extension}`, FORMATS[each].write(report));
  }
  process.stdout.write(tableOf(report, process.stdout.isTTY === true && process.stdout.hasColors()));
}

async function main(): Promise<number> {
  const command = readCommand();
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  checkWritable(command);
  const progress = createProgress(process.stderr);
  const interrupt = new AbortController();
  // A second Ctrl-C ends the process at once.
  process.once('SIGINT', () => interrupt.abort());
  const { signal } = interrupt;
  const report = await examine(command.url, { ...command, signal, onFinding: progress.show })
    .catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    })
    .finally(progress.end);
  if (report !== undefined) print(report, command);
  return signal.aborted ? EXIT_INTERRUPTED : exitCodeOf(report?.findings ?? []);
}

main().then(
  (code) => {
    process.exitCode = code;
    // Connections of a check that was interrupted are still open.
    if (code === EXIT_INTERRUPTED) process.stdout.write('', () => process.exit());
  },
  (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    // The message may contain a password from the URL, or text from the server.
    const message = createTextCleaner([]).clean((error as Error).message, 1000);
    const usage =
      (error instanceof TargetError && error.kind === 'usage') || code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(usage ? `${message}\nRun ${COMMAND} --help for the options.\n` : `${message}\n`);
    process.exitCode = usage || !(error instanceof TargetError) ? EXIT_USAGE : EXIT_UNREACHABLE;
  },
);
