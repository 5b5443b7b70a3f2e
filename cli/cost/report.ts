import { byGroup, type Estimate, type Item, nameOf } from './estimate.ts';
import { type Line, usd } from './line.ts';
import { PRICES } from './prices.ts';

/** Resources of a type with the same cost, as one row. */
export interface Row {
  readonly name: string;
  readonly items: readonly [Item, ...Item[]];
}

export function rows(items: readonly Item[]): readonly Row[] {
  const same = new Map<string, [Item, ...Item[]]>();
  for (const item of items) {
    const key = JSON.stringify([item.type, item.lines]);
    const known = same.get(key);
    if (known) known.push(item);
    else same.set(key, [item]);
  }
  return [...same.values()].map((group) => {
    const [{ type, logicalId }] = group;
    return { name: group.length > 1 ? `${group.length} × ${type}` : `${type} ${logicalId}`, items: group };
  });
}

export function money(amount: number): string {
  return amount.toFixed(2);
}

/** Quantities in readable form: whole, or to three figures. */
export function quantity(units: number): string {
  const rounded = units >= 1000 ? Math.round(units) : Number(units.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

const WIDTH = 88;

function table(rowsOf: readonly (readonly [string, number, number])[]): string[] {
  return rowsOf.map(
    ([name, idle, more]) => `${name.padEnd(WIDTH)}${money(idle).padStart(9)}${money(more).padStart(12)}`,
  );
}

/** `GB of logs ingested: (0.175 + 1) × 0.5`, where the second quantity is for a million calls. */
function units({ price, idle = 0, perMillion = 0 }: Line, times: number): string {
  const { usd: amount, per = 1, unit } = PRICES[price];
  const counts = [idle, perMillion].filter((count) => count > 0);
  const sum = counts.map((count) => quantity((count * times) / per)).join(' + ');
  return `${unit}: ${counts.length > 1 ? `(${sum})` : sum} × ${amount}`;
}

/** A stage's bill for a terminal. */
export function report(estimate: Estimate): string {
  const { name, region, idle, perMillion, unpriced } = estimate;
  const elsewhere = region === 'us-east-1' ? '' : `, at the prices of us-east-1, though it is for ${region}`;
  const lines = [...byGroup(estimate)].flatMap(([group, sum]) => [
    ...table([[group, sum.idle, sum.perMillion]]),
    ...rows(estimate.items.filter((item) => item.group === group)).flatMap(({ name: row, items }) => [
      `  ${row}`,
      ...table(
        items[0].lines.map((line) => [
          `    ${units(line, items.length)}`,
          items.length * usd(line.price, line.idle),
          items.length * usd(line.price, line.perMillion),
        ]),
      ),
    ]),
  ]);
  return [
    `Stage ${name}: USD a month${elsewhere}`,
    `${''.padEnd(WIDTH)}${'idle'.padStart(9)}${'per million'.padStart(12)}`,
    ...lines,
    ...table([['Total', idle, perMillion]]),
    ...unpriced.map((one) => `not priced: ${nameOf(one)}`),
    '',
  ].join('\n');
}
