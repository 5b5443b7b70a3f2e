const WIDTH = 980;
const LINE = 19;
const TOP = 48;
/** Characters of a line; DejaVu Sans Mono, the widest of the fonts named, has 7.9 pixels a character at 13 px. */
export const COLUMNS = 119;

/** A command, its output, or what a log prints. */
interface TerminalLine {
  readonly text: string;
  readonly kind: 'command' | 'output' | 'log';
}

/**
 * The terminal session of docs/tour.md as lines: the start, the scraped page, the refused address and its record. Other
 * commands of the page are left out.
 *
 * @param tour the text of docs/tour.md, whose commands a test runs
 * @throws Error if the page no longer has one of these parts
 */
export function terminalLines(tour: string): readonly TerminalLine[] {
  const [start = '', calls = ''] = [...tour.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(
    ([, text]) => text,
  );
  const [, record] = /^```json\n(\{"type":"audit".*)$/m.exec(tour) ?? [];
  const steps = [...start.split(/^(?=\$ )/m), ...calls.split(/^(?=\$ )/m)];
  const wanted = ['npm start', ' scrape_url url=http://127.0.0.1:9000/\n', '169.254.169.254'];
  const shown = wanted.map((part) => steps.find((step) => step.includes(part)));
  if (record === undefined || shown.includes(undefined))
    throw new Error('docs/tour.md lacks a part of terminal.svg');
  return [
    ...shown.flatMap((step = '') => step.trimEnd().split('\n').map(lineOf)),
    { text: 'Audit log of the server:', kind: 'output' },
    ...wrap(record).map((text) => ({ text, kind: 'log' }) as const),
  ];
}

const lineOf = (text: string): TerminalLine => ({ text, kind: text.startsWith('$ ') ? 'command' : 'output' });

/** Cuts a record after a comma, so that no member is torn. */
function wrap(record: string): readonly string[] {
  const lines: string[] = [''];
  for (const member of record.split(/(?<=,)(?=")/)) {
    const line = `${lines.at(-1)}${member}`;
    if (line.length <= COLUMNS) lines[lines.length - 1] = line;
    else lines.push(member);
  }
  return lines;
}

/** A terminal with these lines as an SVG. It has the same colors on a light and a dark page, as a terminal does. */
export function terminalPicture(lines: readonly TerminalLine[]): string {
  const height = TOP + lines.length * LINE + 14;
  const rows = lines.map(
    ({ text, kind }, index) =>
      `<text class="${kind}" x="16" y="${TOP + index * LINE}" xml:space="preserve">${escaped(text)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(lines.map(({ text }) => text).join(' | '))}">
<style>
text { font: 13px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #c9d1d9; }
.command { fill: #7ee787; }
.log { fill: #79c0ff; }
</style>
<rect width="${WIDTH}" height="${height}" rx="8" fill="#0d1117" stroke="#30363d"/>
<circle cx="20" cy="16" r="5" fill="#ff5f57"/><circle cx="38" cy="16" r="5" fill="#febc2e"/><circle cx="56" cy="16" r="5" fill="#28c840"/>
${rows.join('\n')}
</svg>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
