import type { Check } from '../check.ts';
import { needAccess, type Probe } from '../probe.ts';
import type { Seen } from '../sender.ts';
import { argumentsFor } from '../tool-arguments.ts';
import { NO_SUCH_TOOL } from '../tool-calls.ts';
import { fail, pass } from '../verdict.ts';

/** No pattern spans lines or nests repetition: the server chooses the text, and could make the search slow. */
const STACKS = [
  /^ *at .{1,200}:\d{1,9}:\d{1,9}\)?/m,
  /^ {2,8}at [\w.$<>[\] ]{1,100} \(/m,
  /Traceback \(most recent call last\)/,
  /File "[^"\n]{1,200}", line \d+/,
  /goroutine \d+ \[/,
  /\bat [\w.$]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d+\)/,
  /(?:Fatal error|Uncaught \w{1,60}).{0,200} in .{1,200} on line \d+/,
  /thread '[^'\n]{1,100}' panicked at/,
];
/** Decodes line breaks and quotes from JSON and HTML. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/<br ?\/?>|\\r?\\n|\\n/g, '\n'],
  [/&nbsp;|&#160;/g, ' '],
  [/\\"|&quot;|&#34;/g, '"'],
  [/&#39;|\\u0027/g, "'"],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
];
const PATHS = [
  /(?:\/(?:home|Users|root|usr\/src|usr\/local\/lib|opt|srv|var\/(?:task|www|lib)|app\/(?:node_modules|dist|src))\/)[\w.@/-]{2,100}/,
  /\bnode_modules\/[\w.@/-]{2,100}/,
  /site-packages\/[\w./-]{2,100}/,
  /\b[A-Z]:\\{1,2}(?:Users|inetpub|Program Files|app)\\/,
  /file:\/\/\/[\w.@/-]{2,100}/,
];
const INTERNAL = [
  /\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b/,
  /\b[\w-]{1,63}\.(?:internal|svc\.cluster\.local|compute\.amazonaws\.com)\b/,
  /\b(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqp):\/\/[^\s"']{3,100}/,
];
const PRODUCT_HEADERS = [
  'x-powered-by',
  'x-aspnet-version',
  'x-aspnetmvc-version',
  'x-runtime',
  'x-generator',
];

/** Passes if no response matches any of the patterns. */
function nowhere({ seen, clean }: Probe, patterns: readonly RegExp[]) {
  const found = seen.flatMap((answer) => finds(answer, patterns).map((text) => ({ answer, text })));
  const [first] = found;
  if (first === undefined) return pass(`in none of ${seen.length} responses`);
  const { answer, text } = first;
  return fail(
    `${found.length} times, for example ${answer.path}, HTTP ${answer.status}: ${clean(text, 200)}`,
  );
}

function finds({ text, headers, echoes }: Seen, patterns: readonly RegExp[]): string[] {
  // The response may repeat text that the doctor sent.
  if (echoes) return [];
  const plain = PLAIN.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text);
  const whole = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), plain].join('\n');
  return patterns.flatMap((pattern) => pattern.exec(whole)?.[0] ?? []);
}

/** Provokes the errors that the other checks of this group search for, so it runs before them. */
export const PROVOCATION_CHECKS: readonly Check[] = [
  {
    id: 'leakage/tool-errors',
    title: 'Wrong tool arguments get an error message, not a server error',
    severity: 'low',
    sends:
      'tools/call with arguments of the wrong type, for up to three tools that may be called and one that does not exist',
    fix: 'Validate arguments against the schema, and answer isError or -32602 with the reason',
    reference: 'MCP 2026-07-28 Tools, Error Handling',
    async run(probe) {
      needAccess(probe);
      const bad: string[] = [];
      const calls = probe.toolCalls.callable.slice(0, 3).map((tool) => {
        const wrong = Object.keys(argumentsFor(tool, {})).map((name) => [name, { doctor: ['wrong type'] }]);
        return { name: tool.name, arguments: Object.fromEntries(wrong.length > 0 ? wrong : [['x', 1]]) };
      });
      for (const call of [...calls, { name: NO_SUCH_TOOL, arguments: {} }]) {
        const answer = await probe.ask('tools/call', call);
        if (answer.status >= 500 || answer.status === 0) bad.push(`${call.name}: ${probe.describe(answer)}`);
      }
      if (bad.length > 0) return fail(bad.join('; '));
      if (probe.known.tools.length > 0) probe.toolCalls.need(probe.known.tools);
      return pass(`${calls.length + 1} calls answered without a server error`);
    },
  },
];

export const LEAKAGE_CHECKS: readonly Check[] = [
  {
    id: 'leakage/stack-traces',
    title: 'No response contains a stack trace',
    severity: 'medium',
    sends: 'nothing; reads the responses of all other checks',
    fix: 'Answer unexpected errors with a fixed text and an ID, and log the details (in Express, NODE_ENV=production is not enough)',
    reference: 'CWE-209; OWASP WSTG-ERRH-02',
    run: async (probe) => nowhere(probe, STACKS),
  },
  {
    id: 'leakage/paths',
    title: 'No response contains a path on the server’s file system',
    severity: 'low',
    sends: 'nothing; reads the responses of all other checks',
    fix: 'Send your own error texts, not exception messages',
    reference: 'CWE-209, CWE-497',
    run: async (probe) => nowhere(probe, PATHS),
  },
  {
    id: 'leakage/internal-addresses',
    title: 'No response contains an internal address or a connection string',
    severity: 'medium',
    sends: 'nothing; reads the responses of all other checks',
    fix: 'Send your own error texts, and remove internal names from headers',
    reference: 'CWE-497; OWASP WSTG-INFO-02',
    run: async (probe) => nowhere(probe, INTERNAL),
  },
  {
    id: 'leakage/versions',
    title: 'No header reveals software or its version',
    severity: 'low',
    sends: 'nothing; reads the responses of all other checks',
    fix: 'Remove X-Powered-By, and remove versions from Server (in Express, app.disable("x-powered-by"))',
    reference: 'CWE-200; OWASP WSTG-INFO-02',
    async run({ seen }) {
      const revealing = seen.flatMap(({ headers }) => [
        ...PRODUCT_HEADERS.filter((name) => name in headers).map((name) => `${name}: ${headers[name]}`),
        ...(/\d/.test(headers['server'] ?? '') ? [`server: ${headers['server']}`] : []),
      ]);
      return revealing.length > 0
        ? fail([...new Set(revealing)].slice(0, 5).join('; '))
        : pass(`in none of ${seen.length} responses`);
    },
  },
  {
    id: 'leakage/token',
    title: 'No response contains the token',
    severity: 'high',
    sends: 'nothing; reads the responses of all other checks',
    fix: 'Never copy request headers into responses, errors or redirects',
    reference: 'CWE-522; RFC 6750 §5.3',
    async run({ tokenEchoes, seen }) {
      if (tokenEchoes.length > 0) return fail(tokenEchoes.slice(0, 5).join('; '));
      return pass(`in none of ${seen.length} responses`);
    },
  },
];
