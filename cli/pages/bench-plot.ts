import { bars } from './bars.ts';

/** What a call costs each server, as bars: a picture of the committed figures of docs/bench.md. */
export function benchPlot(bench: string): string {
  const rows = [...bench.matchAll(/^\| ([^|]+) \| (\d+) \| [\d.]+× \|/gm)].map(([, name = '', cpu]) => ({
    name,
    values: [Number(cpu)],
  }));
  return bars('CPU µs a call; blue has all security on, grey none', rows, ({ name }) =>
    name.startsWith('this server') ? 1 : 0,
  );
}
