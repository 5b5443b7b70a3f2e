import { RULES } from './hardened.ts';

/** The table of controls in Markdown, generated from the enforced rules, for SECURITY.md. */
export function controlMap(): string {
  const sections = Object.entries(RULES).map(([subject, rules]) => [
    `### ${subject}`,
    '',
    '| rule | control | AWS FSBP | set in | asserted in |',
    '|---|---|---|---|---|',
    ...rules.map(({ id, control, fsbp, file, test }) => {
      const name = file.split('/').at(-1);
      return `| \`${id}\` | ${control} | ${fsbp.join(', ') || '–'} | [${name}](${file}) | \`${test}\` |`;
    }),
    '',
  ]);
  return sections.flat().join('\n').trimEnd();
}
