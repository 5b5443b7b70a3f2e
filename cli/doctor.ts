import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createTextCleaner } from '../doctor/clean-text.ts';
import { type ExamineOptions, examine, type Report } from '../doctor/examine.ts';
import { EXIT_UNREACHABLE, EXIT_USAGE, exitCodeOf } from '../doctor/report/exit-code.ts';
import { htmlOf } from '../doctor/report/html.ts';
import { jsonOf } from '../doctor/report/json.ts';
import { junitOf } from '../doctor/report/junit.ts';
import { createProgress } from '../doctor/report/progress.ts';
import { tableOf } from '../doctor/report/table.ts';
import { TargetError } from '../doctor/unusable.ts';

/** `npm run -s doctor -- URL`: attacks a live MCP endpoint and prints what held. */
const USAGE = `usage: npm run -s doctor -- URL [--json | --junit | --html] [--output NAME] [options]

Attacks the MCP server at URL, any server, and prints what held. It sends to the host of URL only, follows no redirect,
and stops after 600 requests or 5 minutes. Examine only what you may. Use a token made for the run and take it away
afterwards: one check puts it into a query, where logs may keep it.

  --json, --junit, --html  the report in that form on standard output, instead of the table
  --output NAME            the forms asked for (all three if none is) go to NAME.json, NAME.xml and NAME.html, the
                           table to standard output
  --token-file FILE        file whose first line is the token; otherwise MCP_TOKEN, if it is set
  --ca FILE                PEM of the authorities to believe instead of the public ones. A server whose certificate is
                           not good gets no token, nor does one that is reached by http over a network
  --http-port PORT         port for plain HTTP, if not 80 beside 443
  --call-tools             also call tools that do not declare readOnlyHint: true: they may change or delete something.
                           Without it only those that do are called; the report lists what was called and why
  --rate-test N            also test rate limits, with up to N requests each (1-2000); others may be limited meanwhile
  --timeout SECONDS        for one answer (1-60, default 10)
  --patience SECONDS       after which an unfinished request should have been given up (1-120, default 30)
  --help

MCP_EXPIRED_TOKEN is a token that was good once, if you have one: it must be refused.

exit code: 0 everything held or does not apply, 1 something of low severity failed or could not be told, 2 medium,
3 high, ${EXIT_USAGE} usage, ${EXIT_UNREACHABLE} no MCP server answered
On http://localhost TLS, certificate and port 80 do not apply: 0 says nothing about them.
`;

interface Command extends ExamineOptions {
  readonly url: string;
  readonly forms: readonly Form[];
  readonly output: string | undefined;
}

type Form = keyof typeof FORMS;

const FORMS = {
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
  if (url === undefined || more.length > 0) throw new TargetError('usage', 'give exactly one URL');
  const forms = (Object.keys(FORMS) as Form[]).filter((form) => values[form]);
  if (values.output === undefined && forms.length > 1) {
    throw new TargetError('usage', 'more than one form needs --output NAME');
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
  // biome-ignore lint/style/noProcessEnv: this process starts here, and arguments are visible in process lists
  const { MCP_TOKEN, MCP_EXPIRED_TOKEN } = process.env;
  const file = values['token-file'];
  const [token, source] =
    file === undefined ? [MCP_TOKEN, 'MCP_TOKEN'] : [readText(file).split('\n', 1)[0], '--token-file'];
  return {
    url,
    forms: values.output !== undefined && forms.length === 0 ? (Object.keys(FORMS) as Form[]) : forms,
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

/** What is empty is not set. A token is never repeated, even one that is none. */
function checkToken(text: string | undefined, source: string): string | undefined {
  const token = text?.trim();
  if (token === undefined || token === '') return undefined;
  if (/^[\w.~+/-]{8,8192}=*$/.test(token)) return token;
  throw new TargetError(
    'usage',
    `${source} must be one token of 8 or more letters, digits and -._~+/, without "Bearer"`,
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new TargetError('usage', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function print(report: Report, { forms, output }: Command): void {
  const [form] = forms;
  if (output === undefined && form !== undefined) {
    process.stdout.write(FORMS[form].write(report));
    return;
  }
  for (const each of forms) writeFileSync(`${output}.${FORMS[each].extension}`, FORMS[each].write(report));
  process.stdout.write(tableOf(report, process.stdout.isTTY === true && process.stdout.hasColors()));
}

async function main(): Promise<number> {
  const command = readCommand();
  if (command === 'help') {
    process.stdout.write(USAGE);
    return 0;
  }
  const progress = createProgress(process.stderr);
  const report = await examine(command.url, { ...command, onFinding: progress.tell }).finally(progress.end);
  print(report, command);
  return exitCodeOf(report.findings);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const { code } = error as NodeJS.ErrnoException;
    // A URL that was typed may hold a password, and what a server said anything.
    const message = createTextCleaner([]).clean((error as Error).message, 1000);
    const usage =
      (error instanceof TargetError && error.kind === 'usage') || code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(usage ? `${message}\nnpm run -s doctor -- --help says more\n` : `${message}\n`);
    process.exitCode = usage || !(error instanceof TargetError) ? EXIT_USAGE : EXIT_UNREACHABLE;
  },
);
