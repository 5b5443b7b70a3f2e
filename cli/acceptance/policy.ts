import type { StageNames, Statement } from './check.ts';
import { CHECKS } from './run.ts';
import { stackNeeds } from './stack.ts';

/** The IAM policy document that suffices for every check of a stage. A statement that several checks need is in it once. */
export function policyOf(stage: StageNames): {
  readonly Version: string;
  readonly Statement: readonly Statement[];
} {
  const statements = [...stackNeeds(stage), ...CHECKS.flatMap((check) => check.needs(stage))];
  return { Version: '2012-10-17', Statement: [...new Map(statements.map((one) => [one.Sid, one])).values()] };
}
