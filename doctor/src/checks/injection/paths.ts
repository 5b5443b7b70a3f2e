import { resultOf } from '../../answers.ts';
import type { Check } from '../../check.ts';
import type { Probe } from '../../probe.ts';
import { isPathArgument } from '../../tool-arguments.ts';
import { fail, Inconclusive, inconclusive, notApplicable, pass, type Verdict, worst } from '../../verdict.ts';
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
  sends: `with --inject: tools/call with a harmless text and then with ${TEXTS.length} paths to files that every machine has, for up to ${MAX_ARGUMENTS} arguments of tools that may be called; resources/read with URIs that lead to such a file`,
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
    const byResources = await readsFile(probe);
    if (byResources.outcome === 'fail') return byResources;
    const byTools = resists(probe, isPathArgument, 'readme.txt', payloads).catch((error: unknown) => {
      if (error instanceof Inconclusive) return error.verdict;
      throw error;
    });
    return worst([byResources, await byTools]);
  },
};

/** Kinds of URIs that are tried. */
const MAX_PREFIXES = 4;

/** The URI of a file on every machine, alone and behind the start of each kind of URI that the server offers. */
function hostileUris({ known }: Probe): readonly string[] {
  const offered = [
    ...known.resources.map(({ uri }) => String(uri).replace(/[^/]*$/, '')),
    ...known.templates.map(({ uriTemplate }) => String(uriTemplate).replace(/\{.*$/, '')),
  ];
  const prefixes = [...new Set(offered)].filter((prefix) => prefix.includes(':')).slice(0, MAX_PREFIXES);
  const encoded = `${'..%2f'.repeat(12)}etc%2fpasswd`;
  return [
    'file:///etc/passwd',
    ...prefixes.flatMap((prefix) => [`${prefix}${UP}etc/passwd`, prefix + encoded]),
  ];
}

/** A server of resources may read any file URI. */
async function readsFile(probe: Probe): Promise<Verdict> {
  const era = probe.known.eras.find(({ isServed }) => isServed);
  const hasResources = probe.known.resources.length + probe.known.templates.length > 0;
  if (era === undefined || !hasResources) return notApplicable('the server has no resources');
  const uris = hostileUris(probe);
  let silent = 0;
  for (const uri of uris) {
    const answer = await probe.ask(era, 'resources/read', { uri }, { echoes: true });
    if (answer.failure === 'timeout') silent += 1;
    if (PASSWORDS.test(JSON.stringify(resultOf(answer) ?? '')))
      return fail(`${uri}: ${probe.describe(answer)}`);
  }
  return silent > 0
    ? inconclusive(`no response in time to ${silent} of ${uris.length} URIs`)
    : pass(`${uris.length} URIs of other files are refused`);
}
