/** A row of bars, one for each series. */
export interface BarRow {
  readonly name: string;
  readonly values: readonly number[];
}

const LEFT = 210;
const RIGHT = 70;
const WIDTH = 720;
const BAR = 14;
const GAP = 8;
const TOP = 40;

/** One decimal is finer than a screen shows, and the same on every machine. */
const at = (pixels: number) => Number(pixels.toFixed(1));

/**
 * Rows of bars as an SVG, with colours for a light and a dark page.
 *
 * @param title stands above the bars and is the text for who cannot see them.
 * @param kindOf tells which of two colours the bars of a row have.
 */
export function bars(title: string, rows: readonly BarRow[], kindOf: (row: BarRow) => 0 | 1): string {
  const largest = Math.max(...rows.flatMap(({ values }) => values));
  const scale = (WIDTH - LEFT - RIGHT) / largest;
  let y = TOP;
  const drawn = rows.flatMap((row) => {
    const top = y;
    y += row.values.length * (BAR + 2) + GAP;
    return [
      `<text class="name" x="${LEFT - 8}" y="${top + 11}">${row.name}</text>`,
      ...row.values.map((value, index) => {
        const [width, bar] = [at(value * scale), top + index * (BAR + 2)];
        return `<rect class="s${kindOf(row)}" x="${LEFT}" y="${bar}" width="${width}" height="${BAR}" rx="2"/><text x="${at(LEFT + width + 6)}" y="${bar + 11}">${value}</text>`;
      }),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${title}: ${rows.map(({ name, values }) => `${name} ${values.join(' and ')}`).join('; ')}">
<style>
text { font: 12px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }
.title { font-size: 13px; font-weight: 600; }
.name { text-anchor: end; }
.s0 { fill: #818b98; }
.s1 { fill: #0969da; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.s0 { fill: #656c76; }
.s1 { fill: #4493f8; }
}
</style>
<text class="title" x="${LEFT}" y="22">${title}</text>
${drawn.join('\n')}
</svg>
`;
}
