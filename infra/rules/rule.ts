import type { Properties, SynthesizedTemplate } from './synthesized-template.ts';

export interface Violation {
  /** The resource at fault; absent where one is missing altogether. */
  readonly logicalId?: string;
  /** What is wrong there, in the template's own words. */
  readonly problem: string;
}

/** One control, checked in the final template: whatever put a value there, a raw override included, is seen. */
export interface Rule {
  /** Stable, in Pascal case; the name under which a synth fails. */
  readonly id: string;
  /** The compliant state in one sentence. */
  readonly control: string;
  /** Controls of AWS Foundational Security Best Practices that this one answers, such as `ECS.5`. */
  readonly fsbp: readonly string[];
  /** The construct that sets it; the rule's own file where only a fork adds such a resource. */
  readonly file: string;
  check(template: SynthesizedTemplate): readonly Violation[];
}

/** What is wrong with a resource: texts; anything else counts as nothing. */
export type Problems = readonly (string | false | undefined)[];

/**
 * A check of each resource of a type.
 *
 * @param needed whether a template without any breaks the rule. @default true
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
