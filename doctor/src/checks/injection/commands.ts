import { randomInt } from 'node:crypto';
import type { Check } from '../../check.ts';
import { MAX_ARGUMENTS, resists } from './inject.ts';

const PLACES = [
  'localhost; CMD',
  'localhost\nCMD',
  'localhost | CMD',
  'localhost && CMD',
  '$(CMD)',
  '`CMD`',
  '"; CMD; "',
  "'; CMD; '",
] as const;
/** Between them they end every kind of quotes. A command that prints nothing is noticed by the time that it takes. */
const DELAYS = ['localhost; CMD', '$(CMD)', '"; CMD; "', "'; CMD; '"] as const;

export const injectionCommands: Check = {
  id: 'injection/commands',
  title: 'Texts in arguments do not run as commands',
  fault: 'A text in an argument runs as a command',
  severity: 'high',
  why: 'A prompt runs any program on the server',
  sends: `with --inject: tools/call with a harmless text, then with ${PLACES.length} that would print the product of two numbers and with ${DELAYS.length} that would wait, for up to ${MAX_ARGUMENTS} arguments of tools that may be called`,
  fix: 'Start programs without a shell and with a list of arguments, and refuse texts that begin with -',
  frameworks: {
    'Node.js': 'execFile(program, [argument]) instead of exec',
    'FastMCP (Python)': 'subprocess.run([program, argument]) without shell=True',
    Go: 'exec.Command(program, argument)',
  },
  reference: 'CWE-78; OWASP MCP Top 10, Command Injection',
  option: ['inject', 'needs --inject'],
  baseline: 'access',
  async run(probe) {
    const [a, b] = [randomInt(10_000, 30_000), randomInt(10_000, 30_000)];
    const works = new RegExp(`(?<!\\d)${a * b}(?!\\d)`);
    // The numbers are in the text, their product is not.
    const payloads = PLACES.map((place) => ({ text: place.replace('CMD', `expr ${a} \\* ${b}`), works }));
    const delays = DELAYS.map((place) => (seconds: number) => place.replace('CMD', `sleep ${seconds}`));
    return await resists(probe, () => false, 'localhost', payloads, delays);
  },
};
