import { byGroup, type Estimate } from './estimate.ts';

const LEFT = 150;
const RIGHT = 60;
const WIDTH = 720;
const BAR = 12;
const ROW = 36;
const TOP = 34;

/** One decimal is finer than a screen shows, and the same on every machine. */
const at = (pixels: number) => Number(pixels.toFixed(1));

/**
 * What each part of the bill costs an idle stage, as an SVG: a bar for each stage in each row. It brings colours for a
 * light and a dark page.
 */
export function plot(stages: readonly Estimate[]): string {
  const sums = stages.map(byGroup);
  const groups = [...new Set(sums.flatMap((of) => [...of.keys()]))];
  const idle = (stage: number, group: (typeof groups)[number]) => sums[stage]?.get(group)?.idle ?? 0;
  const largest = Math.max(...groups.flatMap((group) => stages.map((_, stage) => idle(stage, group))));
  const scale = (WIDTH - LEFT - RIGHT) / largest;
  const height = TOP + groups.length * ROW + 8;
  const legend = stages.map(({ name, idle: sum }, stage) => {
    const x = LEFT + stage * 150;
    return `<rect class="s${stage}" x="${x}" y="8" width="12" height="12"/><text x="${x + 18}" y="18">${name}: ${sum.toFixed(2)}</text>`;
  });
  const bars = groups.flatMap((group, row) => {
    const top = TOP + row * ROW;
    return [
      `<text class="name" x="${LEFT - 8}" y="${top + BAR + 4}">${group}</text>`,
      ...stages.map((_, stage) => {
        const y = top + stage * (BAR + 2);
        const amount = idle(stage, group);
        const width = at(amount * scale);
        return `<rect class="s${stage}" x="${LEFT}" y="${y}" width="${width}" height="${BAR}"/><text x="${at(LEFT + width + 5)}" y="${y + 10}">${amount.toFixed(2)}</text>`;
      }),
    ];
  });
  const total = stages.map(({ name, idle: sum }) => `${name} ${sum.toFixed(2)}`).join(', ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="USD a month while idle: ${total}">
<style>
text { font: 12px sans-serif; fill: #1f2328; }
.name { text-anchor: end; }
.s0 { fill: #0969da; }
.s1 { fill: #bc4c00; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.s0 { fill: #58a6ff; }
.s1 { fill: #f0883e; }
}
</style>
${[...legend, ...bars].join('\n')}
</svg>
`;
}
