import { Aws, CfnRule, Fn, type Stack } from 'aws-cdk-lib/core';
import type { Placeholder } from './lib/placeholders.ts';

/**
 * Makes CloudFormation refuse the stack before its first resource, with the list of example values that are left.
 *
 * The rule compares the region, which every template can refer to (https://connorkirkpatrick.com/2022/01/20/cloudformation-rules
 * has such a rule), with a text that is no region. So it works with a synthesizer that leaves out the CDK's parameter of the
 * bootstrap version.
 */
export function refusePlaceholders(stack: Stack, placeholders: readonly Placeholder[]): void {
  if (placeholders.length === 0) return;
  const list = placeholders.map(({ option, value }) => `${option} (${value})`).join(', ');
  new CfnRule(stack, 'NoPlaceholders', {
    assertions: [
      {
        assert: Fn.conditionEquals(Aws.REGION, 'no placeholder is left'),
        assertDescription: `Replace these example values in infra/config.ts, then deploy again: ${list}`,
      },
    ],
  });
}

/** A notice of the example values of these stacks; empty if there are none. */
export function placeholderNotice(
  stacks: readonly { readonly stackName: string; readonly placeholders: readonly Placeholder[] }[],
): string {
  const rows = stacks.flatMap(({ stackName, placeholders }) =>
    placeholders.map(({ option, value }) => [stackName, option, value] as const),
  );
  if (rows.length === 0) return '';
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  const lines = rows.map(
    ([stack, option, value]) => `  ${stack.padEnd(width(0))}  ${option.padEnd(width(1))}  ${value}`,
  );
  return [
    'infra/config.ts still has these example values, marked "replace me". Until they are replaced, CloudFormation',
    'refuses to deploy their stacks:',
    ...lines,
    '',
  ].join('\n');
}
