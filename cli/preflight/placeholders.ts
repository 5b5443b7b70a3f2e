import { type Check, ok, willFail } from './check.ts';

/** Whether the template refuses every deployment by itself, as one with values marked `replace me` does. */
export const placeholders: Check = {
  name: 'placeholders',
  calls: [],
  async run(_, { template }) {
    const refused = Object.values(template.Rules ?? {}).flatMap(({ Assertions = [] }) =>
      Assertions.filter(({ Assert }: { Assert: unknown }) => isFalse(Assert)),
    );
    if (refused.length === 0) return ok('every value is set');
    return refused.map(({ AssertDescription }) =>
      willFail(AssertDescription, 'set these values in infra/config.ts'),
    );
  },
};

/** Whether a condition of two texts is false, whatever the parameters are. */
function isFalse(condition: unknown): boolean {
  const [one, other] = (condition as { 'Fn::Equals'?: unknown[] })['Fn::Equals'] ?? [];
  return typeof one === 'string' && typeof other === 'string' && one !== other;
}
