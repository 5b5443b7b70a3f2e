import type { Check } from '../../check.ts';
import { textArgumentsOf } from '../../tool-arguments.ts';
import { fail, notApplicable } from '../../verdict.ts';
import { passWhole, placesOf } from './texts.ts';

const FORMATS = /^(?:uuid|date|time|date-time|duration|ipv4|ipv6)$/;

export const definitionsBounds: Check = {
  id: 'definitions/bounds',
  title: 'Text arguments have a maximum length',
  fault: 'Text arguments have no maximum length',
  severity: 'low',
  why: 'A model that loops sends megabytes to whatever the tool calls',
  sends: 'nothing; reads the list of tools',
  fix: 'Add maxLength, a pattern or an enum to every string in the input schema, and enforce it',
  frameworks: {
    'TypeScript SDK': 'z.string().max(2048)',
    'FastMCP (Python)': 'Annotated[str, Field(max_length=2048)]',
  },
  reference: 'CWE-770; OWASP API4:2023 Unrestricted Resource Consumption',
  baseline: 'access',
  async run(probe) {
    const { tools } = probe.known;
    const texts = tools.flatMap((tool) => textArgumentsOf(tool).map((one) => [tool, one] as const));
    if (texts.length === 0) return notApplicable('no tool takes a text');
    const open = texts.filter(
      ([, { schema }]) =>
        !('maxLength' in schema || 'pattern' in schema || FORMATS.test(String(schema['format']))),
    );
    const names = open.map(([tool, { path }]) => `${tool.name}.${path.join('.')}`);
    return names.length > 0 ? fail(placesOf(names)) : passWhole(probe, `${texts.length} text arguments`);
  },
};
