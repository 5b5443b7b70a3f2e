import type { ExamineOptions } from '../../src/examine.ts';
import type { WellBehavedOptions } from './well-behaved.ts';

/** One defect in a server that is otherwise the kit's own. */
export interface Defect extends WellBehavedOptions {
  /** Additional options for the doctor. */
  readonly options?: ExamineOptions;
}

/** Defects by the ID of the check that must detect them. */
export type Defects = Readonly<Record<string, Defect | (() => Promise<Defect>)>>;
