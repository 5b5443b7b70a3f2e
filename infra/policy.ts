import { type App, type IPolicyValidationPlugin, Validations } from 'aws-cdk-lib/core';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  type NagPack,
  NIST80053R5Checks,
  PCIDSS321Checks,
} from 'cdk-nag';
import { advice } from './rules/advice.ts';
import { HardenedRules } from './rules/plugin.ts';
import { McpStack } from './stack.ts';

/**
 * Makes every synthesis of the app fail on an unacknowledged finding. An acknowledgement names one finding and its
 * reason, beside the construct it concerns.
 */
export function enforcePolicy(app: App): void {
  const packs = [AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, HIPAASecurityChecks];
  Validations.of(app).addPlugins(
    new HardenedRules((stack) => (stack instanceof McpStack ? stack.stated : undefined)),
    ...packs.map((Pack) => withAdvice(new Pack(app, { verbose: true }))),
  );
}

/** A pack whose findings say how to acknowledge them. */
function withAdvice(pack: NagPack): IPolicyValidationPlugin {
  const { name } = pack;
  return {
    name,
    validate: (context) => {
      const { violations, ...report } = pack.validate(context);
      const advised = violations.flatMap(({ violatingResources, ...violation }) =>
        violatingResources.map((resource) => ({
          ...violation,
          fix: advice(resource.constructPath ?? '', `${name}::${violation.ruleName}`),
          violatingResources: [resource],
        })),
      );
      return { ...report, violations: advised };
    },
  };
}
