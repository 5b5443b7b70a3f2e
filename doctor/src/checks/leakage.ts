import type { Check } from '../check.ts';
import { needAccess, type Probe } from '../probe.ts';
import type { Seen } from '../sender.ts';
import { argumentsFor } from '../tool-arguments.ts';
import { NO_SUCH_TOOL } from '../tool-calls.ts';
import { fail, pass } from '../verdict.ts';

/** Line by line and without nested repetition: what is searched is chosen by the server. */
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
/** Lines and quotes as they are within JSON and HTML, to what they were. */
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

/** Holds when none of the answers has any of it. */
function nowhere({ seen, clean }: Probe, patterns: readonly RegExp[]) {
  const found = seen.flatMap((answer) => finds(answer, patterns).map((text) => ({ answer, text })));
  const [first] = found;
  if (first === undefined) return pass(`in none of ${seen.length} answers`);
  const { answer, text } = first;
  return fail(`${found.length} times, such as ${answer.path}, HTTP ${answer.status}: ${clean(text, 200)}`);
}

function finds({ text, headers, echoes }: Seen, patterns: readonly RegExp[]): string[] {
  // What the doctor itself put there proves nothing.
  if (echoes) return [];
  const plain = PLAIN.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text);
  const whole = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), plain].join('\n');
  return patterns.flatMap((pattern) => pattern.exec(whole)?.[0] ?? []);
}

/** Provoke what the others look for: run before them. */
export const PROVOCATION_CHECKS: readonly Check[] = [
  {
    id: 'leakage/tool-errors',
    title: 'Wrong arguments of a tool are told, not thrown',
    severity: 'low',
    sends:
      'tools/call of up to three tools that may be called with arguments of wrong types, and of one that does not exist',
    fix: 'Validate arguments by schema, and answer isError or -32602 with what is wrong',
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
      return pass(`${calls.length + 1} calls answered in order`);
    },
  },
];

export const LEAKAGE_CHECKS: readonly Check[] = [
  {
    id: 'leakage/stack-traces',
    title: 'No answer has a stack trace',
    severity: 'medium',
    sends: 'nothing; looks at the answers to all other checks',
    fix: 'Answer unexpected errors with a fixed text and an id, and log the rest (Express: NODE_ENV=production is not enough)',
    reference: 'CWE-209; OWASP WSTG-ERRH-02',
    run: async (probe) => nowhere(probe, STACKS),
  },
  {
    id: 'leakage/paths',
    title: 'No answer has a path of the server’s file system',
    severity: 'low',
    sends: 'nothing; looks at the answers to all other checks',
    fix: 'Send texts of your own for errors, not those of exceptions',
    reference: 'CWE-209, CWE-497',
    run: async (probe) => nowhere(probe, PATHS),
  },
  {
    id: 'leakage/internal-addresses',
    title: 'No answer has an internal address or a connection string',
    severity: 'medium',
    sends: 'nothing; looks at the answers to all other checks',
    fix: 'Send texts of your own for errors, and take internal names out of headers',
    reference: 'CWE-497; OWASP WSTG-INFO-02',
    run: async (probe) => nowhere(probe, INTERNAL),
  },
  {
    id: 'leakage/versions',
    title: 'No header names software or its version',
    severity: 'low',
    sends: 'nothing; looks at the answers to all other checks',
    fix: 'Take X-Powered-By and versions in Server out (Express: app.disable("x-powered-by"))',
    reference: 'CWE-200; OWASP WSTG-INFO-02',
    async run({ seen }) {
      const told = seen.flatMap(({ headers }) => [
        ...PRODUCT_HEADERS.filter((name) => name in headers).map((name) => `${name}: ${headers[name]}`),
        ...(/\d/.test(headers['server'] ?? '') ? [`server: ${headers['server']}`] : []),
      ]);
      return told.length > 0
        ? fail([...new Set(told)].slice(0, 5).join('; '))
        : pass(`in none of ${seen.length} answers`);
    },
  },
  {
    id: 'leakage/token',
    title: 'No answer repeats the token',
    severity: 'high',
    sends: 'nothing; looks at the answers to all other checks',
    fix: 'Never put request headers into answers, errors or redirects',
    reference: 'CWE-522; RFC 6750 §5.3',
    async run({ tokenEchoes, seen }) {
      if (tokenEchoes.length > 0) return fail(tokenEchoes.slice(0, 5).join('; '));
      return pass(`in none of ${seen.length} answers`);
    },
  },
];
