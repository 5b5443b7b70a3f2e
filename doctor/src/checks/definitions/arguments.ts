import type { Check } from '../../check.ts';
import { isCommandArgument, isPathArgument, textArgumentsOf, urlArgumentsOf } from '../../tool-arguments.ts';
import { fail, notApplicable, pass, type Verdict, worst } from '../../verdict.ts';
import { passWhole } from './texts.ts';

export const definitionsArguments: Check = {
  id: 'definitions/arguments',
  title: 'Arguments that are URLs, paths or commands are restricted in the schema',
  fault: 'Arguments that are URLs, paths or commands are any text',
  severity: 'medium',
  why: 'These arguments turn a prompt into a request, a file access or a program on the server',
  sends: 'nothing; reads the list of tools',
  fix: 'Take names from an enum instead of commands and paths; give URLs a format, a pattern or a maximum length',
  frameworks: {
    'TypeScript SDK': "z.enum(['status', 'log']), z.string().regex(/^[\\w-]+\\.md$/), z.url()",
    'FastMCP (Python)': "Literal['status', 'log'], Field(pattern=…), HttpUrl",
  },
  reference: 'CWE-20; OWASP MCP Top 10; MCP 2026-07-28 Tools, Security Considerations',
  baseline: 'access',
  async run(probe) {
    const verdicts = probe.known.tools.flatMap((tool) => {
      const urls = new Set(urlArgumentsOf(tool).map(({ path }) => path.join('.')));
      return textArgumentsOf(tool).flatMap((argument): Verdict[] => {
        const { schema, path } = argument;
        const place = `${tool.name}.${path.join('.')}`;
        const isShaped = 'pattern' in schema || 'format' in schema;
        const judge = (what: string, isRestricted: boolean, severity?: 'low') => [
          isRestricted ? pass(`${what}: ${place}`) : fail(`${what}: ${place}`, severity),
        ];
        if (isCommandArgument(argument)) return judge('command', isShaped);
        if (isPathArgument(argument)) return judge('path', isShaped, 'low');
        return urls.has(path.join('.')) ? judge('URL', isShaped || 'maxLength' in schema, 'low') : [];
      });
    });
    if (verdicts.length === 0) return notApplicable('no tool takes a URL, a path or a command');
    const whole = worst(verdicts);
    return whole.outcome === 'pass' ? passWhole(probe, whole.evidence) : whole;
  },
};
