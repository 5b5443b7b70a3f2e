#!/usr/bin/env node
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createTextCleaner } from './clean-text.ts';
import { type ExamineOptions, examine, type Report } from './examine.ts';
import { EXIT_UNREACHABLE, EXIT_USAGE, exitCodeOf } from './report/exit-code.ts';
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
doctor connects only to the host in URL, follows no redirects, and stops after 600 requests or 5 minutes.

Check only servers that you are allowed to test. Use a token that you created for the run, and revoke it afterwards: one
check sends it in a query string, which logs may keep. The doctor does not send the token if the certificate is not
valid, or if the URL is http and not on this machine.

  --json, --junit, --html  print the report in this format instead of the table
  --output NAME            write the reports to NAME.json, NAME.xml and NAME.html and print the table. With format
                           options, write only those formats
  --token-file FILE        read the token from the first line of FILE. Default: environment variable MCP_TOKEN
  --ca FILE                PEM file of the certificate authorities to trust instead of the public ones
  --http-port PORT         plain HTTP port of the host. Default: 80 if the URL uses port 443
  --call-tools             also call tools that do not declare readOnlyHint: true. These may change or delete data.
                           The report lists every tool and why it was called or not
  --rate-test N            also check rate limits, with up to N requests per check (1-2000). The server may limit other
                           clients during these checks
  --timeout SECONDS        timeout for each response (1-60, default 10)
  --patience SECONDS       time within which the server must close an unfinished request (1-120, default 30)
  --help                   print this text

Environment variables:
  MCP_TOKEN                token for the server
  MCP_EXPIRED_TOKEN        expired token, which the server must refuse. Default: not checked

Exit codes:
  0   every check passed or does not apply
  1   a low-severity check failed, or a check was inconclusive
  2   a medium-severity check failed
  3   a high-severity check failed
  ${EXIT_USAGE}  the command line is wrong
  ${EXIT_UNREACHABLE}  no MCP server answered
For an http URL, the checks of TLS, the certificate and the plain HTTP port do not apply: exit code 0 does not cover them.
`;

interface Command extends ExamineOptions {
  readonly url: string;
  readonly formats: readonly Format[];
  readonly output: string | undefined;
}

type Format = keyof typeof FORMATS;

const FORMATS = {
  json: { extension: 'json', write: jsonOf },
  junit: { extension: 'xml', write: junitOf },
  html: { extension: 'html', write: htmlOf },
} as const;

function readCommand(): Command | 'help' {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      junit: { type: 'boolean', default: false },
      html: { type: 'boolean', default: false },
      output: { type: 'string' },
      'token-file': { type: 'string' },
      ca: { type: 'string' },
      'http-port': { type: 'string' },
      'call-tools': { type: 'boolean', default: false },
      'rate-test': { type: 'string' },
      timeout: { type: 'string' },
      patience: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) throw new TargetError('usage', 'exactly one URL is required');
  const formats = (Object.keys(FORMATS) as Format[]).filter((format) => values[format]);
  if (values.output === undefined && formats.length > 1) {
    throw new TargetError('usage', 'more than one format needs --output NAME');
  }
  const number = (name: 'http-port' | 'rate-test' | 'timeout' | 'patience', max: number) => {
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
  const { MCP_TOKEN, MCP_EXPIRED_TOKEN } = process.env;
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
    ca: values.ca === undefined ? undefined : readText(values.ca),
    httpPort: number('http-port', 65_535),
    callTools: values['call-tools'],
    rateTest: number('rate-test', 2000),
    timeoutMs: milliseconds(number('timeout', 60)),
    patienceMs: milliseconds(number('patience', 120)),
  };
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

function print(report: Report, { formats, output }: Command): void {
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
  const progress = createProgress(process.stderr);
  const report = await examine(command.url, { ...command, onFinding: progress.show }).finally(progress.end);
  print(report, command);
  return exitCodeOf(report.findings);
}

main().then(
  (code) => {
    process.exitCode = code;
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
