import { type Definitions, union } from '../../definitions.ts';
import type { Probe } from '../../probe.ts';
import { inconclusive, pass, type Verdict } from '../../verdict.ts';

export interface Text {
  /** Where the text is, for example `tool add: inputSchema.properties.a.description`. */
  readonly where: string;
  readonly text: string;
}

const MAX_TEXTS = 20_000;

/** Every text that the server sends to a model or a user before a call: names, descriptions, schemas, instructions. */
export async function textsOf(probe: Probe): Promise<readonly Text[]> {
  const { known } = probe;
  // A server may show other texts later than at first.
  const listed: Definitions = union([known, ...(await probe.relist()).values()]);
  const texts: Text[] = known.instructions.map((text) => ({ where: 'instructions', text }));
  const collect = (where: string, value: unknown, depth: number) => {
    if (texts.length >= MAX_TEXTS || depth > 30) return;
    if (typeof value === 'string') texts.push({ where, text: value });
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const place = where.endsWith(':') ? `${where} ${name}` : `${where}.${name}`;
      if (!Array.isArray(value)) texts.push({ where: place, text: name });
      collect(place, inner, depth + 1);
    }
  };
  for (const tool of listed.tools) collect(`tool ${tool.name}:`, tool, 0);
  for (const prompt of listed.prompts) collect(`prompt ${String(prompt['name'])}:`, prompt, 0);
  for (const one of [...listed.resources, ...listed.templates]) {
    collect(`resource ${String(one['uri'] ?? one['uriTemplate'])}:`, one, 0);
  }
  return texts;
}

/** The first few places, and how many more there are. */
export function placesOf(all: readonly string[]): string {
  const unique = [...new Set(all)];
  const shown = unique.slice(0, 5).join('; ');
  return unique.length > 5 ? `${shown}; and ${unique.length - 5} more` : shown;
}

/** A pass if every page of the lists was read. */
export function passWhole({ known: { unread } }: Probe, evidence: string): Verdict {
  if (unread.length === 0) return pass(evidence);
  return inconclusive(`${evidence}, and more pages of ${unread.join(', ')} than the doctor reads`);
}

/** The numbers of definitions, for a verdict without findings. */
export function countsOf({ known }: Probe): string {
  const { tools, prompts, resources, templates } = known;
  return `${tools.length} tools, ${prompts.length} prompts, ${resources.length + templates.length} resources`;
}
