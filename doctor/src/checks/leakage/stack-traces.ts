import type { Check } from '../../check.ts';
import { nowhere } from './search.ts';

/** No pattern spans lines or nests repetition: the server chooses the text, and could make the search slow. */
const STACKS = [
  // Node.js.
  /^ *at .{1,200}:\d{1,9}:\d{1,9}\)?/m,
  /^ {2,8}at [\w.$<>[\] ]{1,100} \(/m,
  // Python.
  /Traceback \(most recent call last\)/,
  /File "[^"\n]{1,200}", line \d+/,
  // Go.
  /goroutine \d+ \[/,
  /^\t\S{1,200}\.go:\d+ \+0x[0-9a-f]+/m,
  // Java and Kotlin.
  /\bat [\w.$/]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d+\)/,
  /^Caused by: [\w.]{3,100}(?:Exception|Error)\b/m,
  // PHP.
  /(?:Fatal error|Uncaught \w{1,60}).{0,200} in .{1,200} on line \d+/,
  /^#\d+ \S{1,200}\.php\(\d+\): /m,
  // Rust.
  /thread '[^'\n]{1,100}' panicked at/,
  // .NET.
  /^ {1,8}at [\w.`<>[\],+]{3,200}\([^)\n]{0,200}\)(?: in .{1,200}:line \d+)?\s*$/m,
  /\bSystem\.(?:\w{1,40}\.){0,4}\w{1,60}Exception: /,
  // Ruby.
  /\S{1,200}\.rb:\d+:in [`'][^'\n]{1,100}'/,
  // Elixir.
  /\(\w{1,60} \d+\.\d+\.\d+\) \S{1,200}\.exs?:\d+: /,
  /^\*\* \(\w{1,60}Error\) /m,
];

export const leakageStackTraces: Check = {
  id: 'leakage/stack-traces',
  title: 'No response contains a stack trace',
  fault: 'A response contains a stack trace',
  severity: 'medium',
  why: 'It shows the libraries, their versions and the files in which to search for a flaw',
  sends: 'nothing; reads the responses of all other checks',
  fix: 'Answer unexpected errors with a fixed text and an ID, and log the details (in Express, NODE_ENV=production is not enough)',
  frameworks: {
    Express: 'an error handler of your own as the last app.use',
    'FastMCP (Python)': 'FastMCP(mask_error_details=True)',
    Spring: 'server.error.include-stacktrace=never',
    '.NET': 'app.UseExceptionHandler() instead of the developer page',
  },
  reference: 'CWE-209; OWASP WSTG-ERRH-02',
  baseline: 'nothing',
  run: async (probe) => nowhere(probe, STACKS, true),
};
