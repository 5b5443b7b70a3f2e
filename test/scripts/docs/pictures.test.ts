import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { benchPlot } from '../../../scripts/docs/bench-plot.ts';
import { exampleResources } from '../../../scripts/docs/example-stage.ts';
import { type Resources, stackFacts } from '../../../scripts/docs/stack-facts.ts';
import { stackPicture } from '../../../scripts/docs/stack-picture.ts';
import { COLUMNS, terminalLines, terminalPicture } from '../../../scripts/docs/terminal.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const resources = exampleResources();

describe('docs/stack.svg', () => {
  const picture = read('docs/stack.svg');

  test('shows the template of production: run npm run pictures', () => {
    expect(stackPicture(stackFacts(resources))).toBe(picture);
  });

  test('changes with the template', () => {
    const changed: Resources = structuredClone(resources);
    for (const { Type, Properties } of Object.values(changed)) {
      if (Type === 'AWS::ApplicationAutoScaling::ScalableTarget') Properties.MaxCapacity = 9;
    }
    expect(stackPicture(stackFacts(changed))).toContain('2–9 tasks');
  });

  test('cuts no text: every line fits its box in a wide font', () => {
    const lines = Object.values(stackFacts(resources).groups).flatMap((group) => group.lines);
    expect(lines.length).toBeGreaterThan(30);
    for (const line of lines) {
      expect(line).not.toMatch(/undefined|NaN|\[object/);
      // A character of 13 px DejaVu Sans, the widest of the fonts, has 6.8 pixels; the box has 252 with a margin of
      // 14.
      expect([line, 14 + line.length * 6.8 <= 252 - 6]).toEqual([line, true]);
    }
  });

  test('has colours for a light and a dark page, and a text alternative', () => {
    expect(picture).toContain('@media (prefers-color-scheme: dark)');
    expect(picture).toMatch(/role="img" aria-label="The stack: Edge: HTTPS 443/);
  });
});

describe('docs/bench.svg', () => {
  const bench = read('docs/bench.md');

  test('shows the figures of docs/bench.md: run npm run pictures', () => {
    expect(benchPlot(bench)).toBe(read('docs/bench.svg'));
  });

  test('has a bar for each server of the table, in proportion to its figure', () => {
    const table = bench.split('\n').filter((line) => /^\| [^|]+ \| \d+ \|/.test(line));
    const drawn = [
      ...benchPlot(bench).matchAll(/<rect class="s(\d)" [^>]*width="([\d.]+)"[^>]*\/><text [^>]*>(\d+)</g),
    ];
    expect(drawn).toHaveLength(table.length);
    const [first] = drawn;
    for (const [index, [, kind, width, cpu]] of drawn.entries()) {
      expect(table[index]).toContain(` ${cpu} |`);
      expect(kind).toBe(table[index]?.startsWith('| this server') ? '1' : '0');
      const expected = (Number(cpu) / Number(first?.[3])) * Number(first?.[2]);
      expect(Math.abs(Number(width) - expected)).toBeLessThan(1);
    }
  });
});

describe('docs/terminal.svg', () => {
  const tour = read('docs/tour.md');

  test('shows the session of docs/tour.md, whose commands are tested: run npm run pictures', () => {
    expect(terminalPicture(terminalLines(tour))).toBe(read('docs/terminal.svg'));
  });

  test('shows the start, a scraped page, a refused address and its record, and cuts no line', () => {
    const lines = terminalLines(tour);
    expect(lines.filter(({ kind }) => kind === 'command')).toHaveLength(3);
    const log = lines.filter(({ kind }) => kind === 'log').map(({ text }) => text);
    expect(JSON.parse(log.join('').replaceAll(/(?<!")…/g, '0'))).toMatchObject({ errorCode: 'url_refused' });
    expect(lines.filter(({ text }) => text.length > COLUMNS)).toEqual([]);
  });

  test('fails when the tour lacks a part', () => {
    expect(() => terminalLines(tour.replaceAll('169.254.169.254', '192.0.2.1'))).toThrow('lacks a part');
  });
});
