import type { ExamineOptions } from '../../src/examine.ts';
import type { WellBehavedOptions } from './well-behaved.ts';

/** One thing that is wrong with a server that is otherwise ours. */
export interface Defect extends WellBehavedOptions {
  /** What the doctor is asked for besides. */
  readonly options?: ExamineOptions;
}

/** By the id of the check that must find it. */
export type Defects = Readonly<Record<string, Defect | (() => Promise<Defect>)>>;
