import { RULES } from '../../infra/rules/hardened.ts';
import { ARTICLE_CONTROLS, article } from './article.ts';
import { foundationalBestPractices, wellArchitected } from './aws.ts';
import { CONTROLS } from './controls.ts';
import { cosai } from './cosai.ts';
import { nsa } from './nsa.ts';
import { owaspCheatSheet, owaspGuide, owaspTop10 } from './owasp.ts';
import type { Control, RequirementList, State } from './requirement.ts';
import { specification } from './specification.ts';

/** Every list of requirements, in the order of the page. */
export const LISTS: readonly RequirementList[] = [
  cosai,
  owaspTop10,
  owaspCheatSheet,
  owaspGuide,
  nsa,
  specification,
  article,
  wellArchitected,
  foundationalBestPractices(),
];

const rules = Object.values(RULES)
  .flat()
  .map(({ id, file }) => [`rule ${id}`, { files: [file], rules: [id] }] as const);

/** Every control by the name that requirements use. */
export const ALL_CONTROLS: ReadonlyMap<string, Control> = new Map<string, Control>([
  ...Object.entries(CONTROLS),
  ...ARTICLE_CONTROLS,
  ...rules,
]);

export function count({ requirements }: RequirementList): Record<State, number> {
  const of = (state: State) => requirements.filter((each) => each.state === state).length;
  return { yes: of('yes'), partly: of('partly'), no: of('no') };
}

/** The counts of all lists together, in one line. */
export function summary(): string {
  const total = LISTS.map(count).reduce((sum, { yes, partly, no }) => ({
    yes: sum.yes + yes,
    partly: sum.partly + partly,
    no: sum.no + no,
  }));
  const rows = total.yes + total.partly + total.no;
  return `${rows} requirements of ${LISTS.length} lists: ${total.yes} yes, ${total.partly} partly, ${total.no} no`;
}
