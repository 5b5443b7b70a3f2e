import type { Cell } from './expectations.ts';

export interface Row {
  readonly name: string;
  readonly version: string;
  readonly cells: readonly Cell[];
}

/** Third-party text in a cell of a Markdown table. */
const plain = (text: string) => text.replace(/[\\|`<>*_[\]]/g, '\\$&').replace(/\s+/g, ' ');

/** The matrix as a Markdown table. Cells with a problem are bold. */
export function markdownTable(titles: readonly string[], rows: readonly Row[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(['client', ...titles]),
    `|${'---|'.repeat(titles.length + 1)}`,
    ...rows.map(({ name, version, cells }) =>
      line([
        `${name} ${version}`,
        ...cells.map(({ text, good }) => (good ? plain(text) : `**${plain(text)}**`)),
      ]),
    ),
  ].join('\n');
}

/** One line for each cell with a problem. */
export function problems(titles: readonly string[], rows: readonly Row[]): string[] {
  return rows.flatMap(({ name, version, cells }) =>
    cells.flatMap(({ text, good }, index) =>
      good ? [] : [`${name} ${version}: ${titles[index]}: ${JSON.stringify(text)}`],
    ),
  );
}
