import type { Properties, SynthesizedTemplate } from './synthesized-template.ts';

export interface Violation {
  /** Logical id of the resource at fault; absent when a resource is missing. */
  readonly logicalId?: string;
  /** The problem, in terms of the template. */
  readonly problem: string;
  /** Whether AWS refuses it whatever the account: then it cannot be acknowledged. @default false */
  readonly refused?: boolean;
}

/** One control, checked in the final template, so that every source of a value is covered, including a raw override. */
export interface Rule {
  /** Stable id in Pascal case, under which a synth fails. */
  readonly id: string;
  /** The compliant state in one sentence. */
  readonly control: string;
  /** Controls of AWS Foundational Security Best Practices that this one covers, such as `ECS.5`. */
  readonly fsbp: readonly string[];
  /** The construct that implements the control; the rule's own file if only a fork adds such a resource. */
  readonly file: string;
  check(template: SynthesizedTemplate): readonly Violation[];
}

/** Problems of a resource: strings; other values are ignored. */
export type Problems = readonly (string | false | undefined)[];

/**
 * Checks each resource of a type.
 *
 * @param needed whether a template without such a resource breaks the rule. @default true
 */
export function every(
  type: string,
  problemsOf: (properties: Properties, template: SynthesizedTemplate, logicalId: string) => Problems,
  { needed = true } = {},
): Rule['check'] {
  return (template) => {
    const found = template.all(type);
    if (found.length === 0) return needed ? [{ problem: `there is no ${type}` }] : [];
    return found.flatMap(({ logicalId, properties }) =>
      problemsOf(properties, template, logicalId).flatMap((problem) =>
        problem ? [{ logicalId, problem }] : [],
      ),
    );
  };
}

/** `name must be wanted, got value`, or nothing when it is. Values are compared as JSON. */
export function must(name: string, value: unknown, wanted: unknown): string | undefined {
  const [got, expected] = [JSON.stringify(value), JSON.stringify(wanted)];
  return got === expected ? undefined : `${name} must be ${expected}, got ${got ?? 'nothing'}`;
}
