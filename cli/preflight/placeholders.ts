import { type Check, ok, willFail } from './check.ts';

/** Name of the rule by which CloudFormation refuses a template that still has example values. */
const RULE = 'NoPlaceholders';

/** Whether the configuration still has values marked `replace me`. */
export const placeholders: Check = {
  name: 'placeholders',
  calls: [],
  async run(_, { template }) {
    const [refusal] = template.Rules?.[RULE]?.Assertions ?? [];
    if (refusal === undefined) return ok('no example value is left');
    return willFail(
      'example values are left, with which CloudFormation refuses the stack',
      refusal.AssertDescription,
    );
  },
};
