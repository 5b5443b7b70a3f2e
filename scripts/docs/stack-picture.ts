import type { Group, stackFacts } from './stack-facts.ts';

const WIDTH = 1090;
const BOX = 252;
const [LEFT, MIDDLE, RIGHT] = [128, 419, 710] as const;
const LINE = 22;
const HEAD = 44;
const TOP = 84;
const UPPER = HEAD + 6 * LINE + 8;
const LOWER = HEAD + 5 * LINE + 8;
const BELOW = TOP + UPPER + 76;
const HEIGHT = BELOW + LOWER + 14;
const LANE = TOP + UPPER / 2;

const LIGHT = { text: '#1f2328', soft: '#59636e', box: '#ffffff', line: '#d1d9e0', flow: '#818b98' };
const DARK: typeof LIGHT = {
  text: '#f0f6fc',
  soft: '#9198a1',
  box: '#151b23',
  line: '#3d444d',
  flow: '#9198a1',
};
const ACCENTS = {
  edge: ['#0969da', '#4493f8'],
  service: ['#1a7f37', '#3fb950'],
  network: ['#0e7490', '#39c5cf'],
  secrets: ['#8250df', '#ab7df8'],
  audit: ['#9a6700', '#d29922'],
  alarms: ['#cf222e', '#f85149'],
} as const;

/**
 * The stack as an SVG, its parts in the order in which a request meets them, with facts from its template. It has
 * colours for a light and a dark page.
 */
export function stackPicture({ groups, resources }: ReturnType<typeof stackFacts>): string {
  const name = `The stack: ${Object.values(groups)
    .map(({ title, lines }) => `${title}: ${lines.join('; ')}`)
    .join('. ')}`;
  const body = [
    `<rect class="vpc" x="${LEFT - 14}" y="${TOP - 30}" width="${RIGHT + BOX - LEFT + 28}" height="${UPPER + 44}" rx="12"/>`,
    text(LEFT, TOP - 11, 'soft', 'VPC: load balancer in public subnets, tasks in private ones'),
    text(14, 30, 'title', `Mcp-prod: ${resources} resources, synthesized without an account`),
    actor(14, 'Clients', 'with a token'),
    actor(RIGHT + BOX + 28, 'Pages', 'allow-listed'),
    flow(`M100 ${LANE}H${LEFT - 2}`),
    flow(`M${LEFT + BOX} ${LANE}H${MIDDLE - 2}`, LEFT + BOX + 20, LANE - 8, 'TLS'),
    flow(`M${MIDDLE + BOX} ${LANE}H${RIGHT - 2}`),
    flow(`M${RIGHT + BOX} ${LANE}H${RIGHT + BOX + 26}`),
    elbow(MIDDLE + 46, LEFT + BOX / 2, 'reads'),
    flow(`M${MIDDLE + BOX / 2} ${TOP + UPPER}V${BELOW - 2}`, MIDDLE + BOX / 2 + 32, BELOW - 28, 'records'),
    elbow(MIDDLE + BOX - 46, RIGHT + BOX / 2, 'metrics'),
    flow(`M${MIDDLE + BOX} ${BELOW + LOWER / 2}H${RIGHT - 2}`),
    box('edge', groups.edge, LEFT, TOP, UPPER),
    box('service', groups.service, MIDDLE, TOP, UPPER),
    box('network', groups.network, RIGHT, TOP, UPPER),
    box('secrets', groups.secrets, LEFT, BELOW, LOWER),
    box('audit', groups.audit, MIDDLE, BELOW, LOWER),
    box('alarms', groups.alarms, RIGHT, BELOW, LOWER),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escaped(name)}">
<style>
text { font: 13px system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; }
.title { font-size: 16px; font-weight: 600; }
.head { font-size: 15px; font-weight: 600; }
.soft { font-size: 12px; }
.mid { text-anchor: middle; }
.vpc { fill: none; stroke-dasharray: 5 4; }
.flow { fill: none; stroke-width: 1.5; }
${colours(LIGHT, 0)}
@media (prefers-color-scheme: dark) {
${colours(DARK, 1)}
}
</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker></defs>
${body.join('\n')}
</svg>
`;
}

function colours({ text, soft, box, line, flow }: typeof LIGHT, scheme: 0 | 1): string {
  return [
    `text { fill: ${text}; }`,
    `.soft { fill: ${soft}; }`,
    `.box { fill: ${box}; stroke: ${line}; }`,
    `.vpc { stroke: ${line}; }`,
    `.flow { stroke: ${flow}; }`,
    `.tip { fill: ${flow}; }`,
    ...Object.entries(ACCENTS).map(([part, accent]) => `.${part} { fill: ${accent[scheme]}; }`),
  ].join('\n');
}

function box(part: keyof typeof ACCENTS, { title, lines }: Group, x: number, y: number, height: number) {
  return [
    `<rect class="box" x="${x}" y="${y}" width="${BOX}" height="${height}" rx="8"/>`,
    `<rect class="${part}" x="${x + 14}" y="${y + 16}" width="4" height="15" rx="2"/>`,
    text(x + 26, y + 29, 'head', title),
    ...lines.map((line, index) => text(x + 14, y + HEAD + 11 + index * LINE, '', line)),
  ].join('\n');
}

function actor(x: number, title: string, what: string): string {
  return [
    `<rect class="box" x="${x}" y="${LANE - 26}" width="86" height="52" rx="26"/>`,
    text(x + 43, LANE - 2, 'head mid', title),
    text(x + 43, LANE + 15, 'soft mid', what),
  ].join('\n');
}

function flow(path: string, x?: number, y?: number, label = ''): string {
  const line = `<path class="flow" d="${path}" marker-end="url(#tip)"/>`;
  return x === undefined || y === undefined ? line : `${line}\n${text(x, y, 'soft mid', label)}`;
}

/** From below the service to another column. */
function elbow(from: number, to: number, label: string): string {
  const lane = TOP + UPPER + 42;
  return flow(`M${from} ${TOP + UPPER}V${lane}H${to}V${BELOW - 2}`, (from + to) / 2, lane - 7, label);
}

function text(x: number, y: number, kind: string, content: string): string {
  return `<text${kind && ` class="${kind}"`} x="${x}" y="${y}">${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
