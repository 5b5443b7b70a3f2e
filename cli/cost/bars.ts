/** Colours of bars: grey, blue, orange. */
export type Colour = 0 | 1 | 2;

/** A row of bars. */
export interface BarRow {
  readonly name: string;
  readonly bars: readonly { readonly value: number; readonly colour: Colour }[];
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
 * @param title heading, which explains the colours and is the alternative text
 * @param digits decimals of each figure
 */
export function bars(title: string, rows: readonly BarRow[], digits: number): string {
  const largest = Math.max(...rows.flatMap((row) => row.bars.map(({ value }) => value)));
  const scale = (WIDTH - LEFT - RIGHT) / largest;
  let y = TOP;
  const drawn = rows.flatMap((row) => {
    const top = y;
    y += row.bars.length * (BAR + 2) + GAP;
    return [
      `<text class="name" x="${LEFT - 8}" y="${top + 11}">${row.name}</text>`,
      ...row.bars.map(({ value, colour }, index) => {
        const [width, bar] = [at(value * scale), top + index * (BAR + 2)];
        return `<rect class="s${colour}" x="${LEFT}" y="${bar}" width="${width}" height="${BAR}" rx="2"/><text x="${at(LEFT + width + 6)}" y="${bar + 11}">${value.toFixed(digits)}</text>`;
      }),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="${title}: ${rows.map((row) => `${row.name} ${row.bars.map(({ value }) => value.toFixed(digits)).join(' and ')}`).join('; ')}">
<style>
text { font: 12px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }
.title { font-size: 13px; font-weight: 600; }
.name { text-anchor: end; }
.s0 { fill: #818b98; }
.s1 { fill: #0969da; }
.s2 { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.s0 { fill: #656c76; }
.s1 { fill: #4493f8; }
.s2 { fill: #f0883e; }
}
</style>
<text class="title" x="${LEFT}" y="22">${title}</text>
${drawn.join('\n')}
</svg>
`;
}
