import { resultOf } from '../../answers.ts';
import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';
import { isPathArgument } from '../../tool-arguments.ts';
import { fail, notApplicable, type Verdict, worst } from '../../verdict.ts';
import { MAX_ARGUMENTS, resists } from './inject.ts';

const UP = '../'.repeat(12);
const TEXTS = [
  `${UP}etc/passwd`,
  '/etc/passwd',
  `${'....//'.repeat(12)}etc/passwd`,
  `${'..%2f'.repeat(12)}etc/passwd`,
  `x/${UP}etc/passwd`,
  `${'..\\'.repeat(12)}windows\\win.ini`,
] as const;
const PASSWORDS = /root:[^:\n]{0,40}:0:0:|\[(?:fonts|extensions|mci extensions)\]/;

export const injectionPaths: Check = {
  id: 'injection/paths',
  title: 'Texts in arguments do not read files outside the folder of the tool',
  fault: 'A text in an argument or a URI reads files outside the folder of the tool (path traversal)',
  severity: 'high',
  why: 'A prompt reads the keys and the configuration of the server',
  sends: `with --inject: tools/call with a harmless text and then with ${TEXTS.length} paths to files that every machine has, for up to ${MAX_ARGUMENTS} arguments of tools that may be called; resources/read with file:///etc/passwd`,
  fix: 'Resolve the path, follow its links, and compare the result with the folder; better, take names from a list',
  frameworks: {
    'Node.js': 'realpath(resolve(folder, text)) must start with folder + sep',
    'FastMCP (Python)': '(folder / text).resolve().is_relative_to(folder)',
    Go: 'os.OpenRoot(folder)',
  },
  reference: 'CWE-22; OWASP MCP Top 10',
  option: ['inject', 'needs --inject'],
  baseline: 'access',
  async run(probe) {
    const payloads = TEXTS.map((text) => ({ text, works: PASSWORDS }));
    return worst([await readsFile(probe), await resists(probe, isPathArgument, 'readme.txt', payloads)]);
  },
};

/** A server of resources may read any file URI. */
async function readsFile(probe: Probe): Promise<Verdict> {
  const era = probe.known.eras.find(({ isServed }) => isServed);
  const hasResources = probe.known.resources.length + probe.known.templates.length > 0;
  if (era === undefined || !hasResources) return notApplicable('the server has no resources');
  const answer = await probe.ask(era, 'resources/read', { uri: 'file:///etc/passwd' }, { echoes: true });
  const isRead = PASSWORDS.test(JSON.stringify(resultOf(answer) ?? ''));
  return isRead
    ? fail(`file:///etc/passwd: ${probe.describe(answer)}`)
    : notApplicable('the file is not read');
}
