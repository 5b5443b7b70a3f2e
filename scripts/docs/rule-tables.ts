import { RULES } from '../../infra/rules/hardened.ts';
import { MUTANTS, REPOSITORY_MUTANTS } from '../../test/infra/mutants.ts';

/** Mutants that name the rule. The rules' tests fail when a rule does not catch one of them. */
function mutantsOf(id: string): number {
  return [...MUTANTS, ...REPOSITORY_MUTANTS].filter(({ rule }) => rule === id).length;
}

/** The tables of rules in Markdown, for a page in `docs`. */
export function ruleTables(): string {
  const sections = Object.entries(RULES).map(([subject, rules]) => [
    `### ${subject}`,
    '',
    '| rule | control | AWS FSBP | set in | mutants caught |',
    '|---|---|---|---|---|',
    ...rules.map(
      ({ id, control, fsbp, file }) =>
        `| \`${id}\` | ${control} | ${fsbp.join(', ') || '–'} | [${file.split('/').at(-1)}](../${file}) | ${mutantsOf(id)} |`,
    ),
    '',
  ]);
  return sections.flat().join('\n').trimEnd();
}
