import type { Finding } from '../check.ts';

const COLOURS: Readonly<Record<Finding['outcome'] | 'ignored', number>> = {
  pass: 32,
  fail: 31,
  inconclusive: 33,
  'not applicable': 90,
  ignored: 90,
};
export type State = keyof typeof COLOURS;

/** Colours a text by an outcome. @param colour whether the output is a terminal with colours */
export const createPaint =
  (colour: boolean) =>
  (text: string, state: State): string =>
    colour ? `\u001b[${COLOURS[state]}m${text}\u001b[0m` : text;
