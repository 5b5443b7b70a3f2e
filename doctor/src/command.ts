import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import type { ClientCredentials } from './client-credentials.ts';
import type { ExamineOptions } from './examine.ts';
import { parsePin } from './pin.ts';
import { type Earlier, parseBaseline } from './report/baseline.ts';
import { FAIL_ON, type FailOn } from './report/exit-code.ts';
import { FORMAT_NAMES, FORMATS, type Format } from './report/formats.ts';
import { type Ignored, parseIgnored } from './report/ignore.ts';
import { TargetError } from './target-error.ts';

export interface Command extends ExamineOptions {
  readonly url: string;
  readonly formats: readonly Format[];
  readonly output: string | undefined;
  /** File for the hashes of the definitions. */
  readonly pinFile: string | undefined;
  readonly failOn: FailOn;
  readonly ignored: readonly Ignored[];
  readonly earlier: Earlier | undefined;
  /** The client that asks for a token. @default - the token is given */
  readonly client: Pick<ClientCredentials, 'issuer' | 'clientId' | 'clientSecret' | 'scope'> | undefined;
}

const OPTIONS = {
  json: { type: 'boolean', default: false },
  junit: { type: 'boolean', default: false },
  html: { type: 'boolean', default: false },
  sarif: { type: 'boolean', default: false },
  format: { type: 'string' },
  'fail-on': { type: 'string', default: 'low' },
  ignore: { type: 'string' },
  baseline: { type: 'string' },
  header: { type: 'string', multiple: true },
  'client-id': { type: 'string' },
  scope: { type: 'string' },
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

export function readCommand(): Command | 'help' {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (values.help) return 'help';
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) throw new TargetError('usage', 'exactly one URL is required');
  const named = listOf(values.format) ?? [];
  const unknown = named.find((name) => !FORMAT_NAMES.includes(name as Format));
  if (unknown !== undefined)
    throw new TargetError(
      'usage',
      `--format must be ${FORMAT_NAMES.join(', ')}, got ${JSON.stringify(unknown)}`,
    );
  const formats = FORMAT_NAMES.filter((format) => values[format] || named.includes(format));
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
  const { MCP_TOKEN, MCP_EXPIRED_TOKEN, MCP_SECOND_TOKEN, MCP_CLIENT_SECRET, MCP_HEADERS } = process.env;
  const file = values['token-file'];
  const [token, source] =
    file === undefined ? [MCP_TOKEN, 'MCP_TOKEN'] : [readText(file).split('\n', 1)[0], '--token-file'];
  return {
    url,
    formats: values.output !== undefined && formats.length === 0 ? FORMAT_NAMES : formats,
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
    failOn: failOnOf(values['fail-on']),
    ignored: values.ignore === undefined ? [] : parseIgnored(readText(values.ignore), values.ignore),
    earlier:
      values.baseline === undefined ? undefined : parseBaseline(readText(values.baseline), values.baseline),
    headers: headersOf([...(values.header ?? []), ...(MCP_HEADERS ?? '').split('\n')]),
    client: clientOf(values, token, MCP_CLIENT_SECRET),
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
export function checkWritable({ output, formats, pinFile }: Command): void {
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

function failOnOf(text: string): FailOn {
  const found = FAIL_ON.find((one) => one === text);
  if (found !== undefined) return found;
  throw new TargetError('usage', `--fail-on must be ${FAIL_ON.join(', ')}, got ${JSON.stringify(text)}`);
}

/** Fields that the doctor sets itself, and alters in its attacks. */
const OWN_FIELDS =
  /^(?:accept|authorization|connection|content-.*|host|origin|transfer-encoding|mcp-.*|user-agent)$/;

/** The errors never contain a value. */
function headersOf(lines: readonly string[]): Readonly<Record<string, string>> {
  const fields = lines.map((line) => line.trim()).filter((line) => line !== '');
  return Object.fromEntries(
    fields.map((line) => {
      const [, name = '', value = ''] =
        /^([\w!#$%&'*+.^`|~-]{1,100}):[ \t]*([\x20-\x7e]{1,8192})$/.exec(line) ?? [];
      if (name === '') throw new TargetError('usage', '--header must be a name, a colon and a value');
      const lower = name.toLowerCase();
      if (lower === 'authorization')
        throw new TargetError(
          'usage',
          '--header cannot set Authorization: set MCP_TOKEN to the bearer token',
        );
      if (OWN_FIELDS.test(lower))
        throw new TargetError('usage', `--header cannot set ${name}: the doctor sets it`);
      return [lower, value] as const;
    }),
  );
}

function clientOf(
  values: { readonly 'client-id'?: string; readonly scope?: string; readonly issuer?: string },
  token: string | undefined,
  secret: string | undefined,
): Command['client'] {
  const { 'client-id': clientId, scope, issuer } = values;
  if (clientId === undefined) return undefined;
  if (issuer === undefined)
    throw new TargetError(
      'usage',
      '--client-id needs --issuer, the authorization server that gets the secret',
    );
  if (!secret) throw new TargetError('usage', '--client-id needs MCP_CLIENT_SECRET');
  if (token) throw new TargetError('usage', '--client-id gets the token, so give no other');
  return { issuer, clientId, clientSecret: secret, scope };
}
