import { bars } from '../../cli/cost/bars.ts';

/** A bar chart of the CPU per call of each server, from the committed figures of docs/bench.md. */
export function benchPlot(bench: string): string {
  const rows = [...bench.matchAll(/^\| ([^|]+) \| (\d+) \| [\d.]+× \|/gm)].map(([, name = '', cpu]) => ({
    name,
    bars: [{ value: Number(cpu), colour: name.startsWith('this server') ? 1 : 0 } as const],
  }));
  return bars('CPU µs a call; blue has all security on, grey none', rows, 0);
}
