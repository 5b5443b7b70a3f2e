import type { StageConfig } from '../../infra/stage-config.ts';
import type { Aws } from './aws.ts';
import type { DeployedStack } from './deployed-stack.ts';
import type { Time } from './time.ts';

/** One statement of an IAM policy document. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** A stage of infra/config.ts, without anything that only its account knows. */
export interface StageNames {
  readonly name: string;
  readonly stackName: string;
  readonly region: string;
  /** Such as `aws`. */
  readonly partition: string;
  readonly config: StageConfig;
}

/** The result of a check. */
export interface Finding {
  readonly verdict: 'ok' | 'failed' | 'could not tell';
  /** One sentence, without the final full stop. */
  readonly detail: string;
  /** One line each, such as a resource and how it differs. */
  readonly lines?: readonly string[];
  /** The next step, a fixed text without names. Every finding that is not `ok` has one. */
  readonly fix?: string;
}

export interface CheckContext {
  readonly stage: StageNames;
  readonly stack: DeployedStack;
  readonly aws: Aws;
  readonly time: Time;
  /** Token for the calls, instead of the token of a client. */
  readonly token: string | undefined;
  /** Program and arguments that start the doctor, before its URL. */
  readonly doctor: readonly string[];
}

export interface Check {
  /** Word on the command line and in the report. */
  readonly name: string;
  /** Its changes to the account, as a sentence; absent if it only reads. */
  readonly changes?: string;
  /** Rights that it needs. */
  needs(stage: StageNames): readonly Statement[];
  /** Errors of AWS may be thrown; they make the verdict `could not tell`. */
  run(context: CheckContext): Promise<Finding>;
}

/** @param Sid letters and digits, unique in the document */
export function allow(Sid: string, Action: readonly string[], ...Resource: readonly string[]): Statement {
  return { Sid, Effect: 'Allow', Action, Resource: Resource.length > 0 ? Resource : ['*'] };
}
