import type { Probe } from '../../probe.ts';
import type { Seen } from '../../sender.ts';
import { fail, pass, type Verdict } from '../../verdict.ts';

/** Decodes line breaks and quotes from JSON and HTML. */
const PLAIN: readonly (readonly [RegExp, string])[] = [
  [/<br ?\/?>|\\r?\\n|\\n/g, '\n'],
  [/\\t/g, '\t'],
  [/&nbsp;|&#160;/g, ' '],
  [/\\"|&quot;|&#34;/g, '"'],
  [/&#39;|&#x27;|\\u0027/g, "'"],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
];

/**
 * Passes if no response matches any of the patterns. Definitions are text that the author wrote, so they are not searched.
 *
 * @param withOutputs whether the outputs of tools are searched too, which may quote anything
 */
export function nowhere(
  { seen, clean, target }: Probe,
  patterns: readonly RegExp[],
  withOutputs = false,
): Verdict {
  const searched = seen.filter(({ about }) => about === 'error' || (withOutputs && about === 'output'));
  const found = searched.flatMap((answer) =>
    finds(answer, target.host, patterns).map((text) => ({ answer, text })),
  );
  const [first] = found;
  if (first === undefined) return pass(`in none of ${searched.length} responses`);
  const { answer, text } = first;
  return fail(
    `${found.length} times, for example ${answer.path}, HTTP ${answer.status}: ${clean(text, 200)}`,
  );
}

function finds({ text, headers, echoes }: Seen, host: string, patterns: readonly RegExp[]): string[] {
  // The response may repeat text that the doctor sent.
  if (echoes) return [];
  const plain = PLAIN.reduce((rest, [pattern, put]) => rest.replace(pattern, put), text);
  const whole = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), plain].join('\n');
  // The user knows the host of the server.
  return patterns.flatMap((pattern) => pattern.exec(whole.replaceAll(host, 'HOST'))?.[0] ?? []);
}
