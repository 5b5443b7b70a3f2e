import type { Resolver } from 'node:dns/promises';
import type { Stage } from '../../infra/stage-config.ts';
import type { Template } from '../synthesize.ts';
import { AskError, type Call } from './aws.ts';

/**
 * The outcome of a check. `will fail`: AWS would refuse the deployment, the deployment would never end, or a
 * configured part would not work.
 */
export type Verdict = 'ok' | 'will fail' | 'could not tell';

export interface Finding {
  readonly verdict: Verdict;
  /** Which of several things the check is about, such as the client `ci`. */
  readonly about?: string;
  readonly detail: string;
  /** The step that removes the problem. Every finding that will fail has one. */
  readonly fix?: string;
}

/** The stage to be deployed, and where. */
export interface Subject {
  readonly stackName: string;
  readonly config: Stage;
  readonly template: Template;
  /** Account of the caller's credentials. */
  readonly account: string;
  /** Asks DNS. */
  readonly resolver: Resolver;
  /** Shell command of the container engine, such as `docker`. */
  readonly containerEngine: string;
}

/** Makes a call that the check has declared. Calls with the same input are made once for all checks. */
export type Ask = <Input, Output>(call: Call<Input, Output>, input: Input) => Promise<Output>;

export interface Check {
  readonly name: string;
  /** The calls it makes, from which the IAM policy is derived; it cannot make another. */
  // biome-ignore lint/suspicious/noExplicitAny: calls have different inputs
  readonly calls: readonly Call<any, any>[];
  /** Whether the stage has the feature that is checked. @default - every stage has */
  applies?(subject: Pick<Subject, 'config' | 'template'>): boolean;
  /** @throws AskError where AWS refuses a call, which the report shows as `could not tell` */
  run(ask: Ask, subject: Subject): Promise<Finding | readonly Finding[]>;
}

/** Judges several things separately, so that one without an answer hides no other. */
export function judgeEach<Item>(
  items: readonly Item[],
  aboutOf: (item: Item) => string,
  judge: (item: Item) => Promise<Finding>,
): Promise<Finding[]> {
  return Promise.all(
    items.map(async (item) => {
      try {
        return { about: aboutOf(item), ...(await judge(item)) };
      } catch (error) {
        if (!(error instanceof AskError)) throw error;
        return couldNotTell(error.message, undefined, aboutOf(item));
      }
    }),
  );
}

export function ok(detail: string, about?: string): Finding {
  return finding('ok', detail, undefined, about);
}

export function willFail(detail: string, fix: string, about?: string): Finding {
  return finding('will fail', detail, fix, about);
}

export function couldNotTell(detail: string, fix?: string, about?: string): Finding {
  return finding('could not tell', detail, fix, about);
}

function finding(verdict: Verdict, detail: string, fix?: string, about?: string): Finding {
  return {
    verdict,
    detail,
    ...(about === undefined ? {} : { about }),
    ...(fix === undefined ? {} : { fix }),
  };
}
