import { type App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { HardenedRules } from './rules/plugin.ts';
import { McpStack } from './stack.ts';

/**
 * Makes every synthesis of the app fail on an unacknowledged finding. An acknowledgement names one finding and its
 * reason, beside the construct it concerns.
 */
export function enforcePolicy(app: App): void {
  const packs = [AwsSolutionsChecks, NIST80053R5Checks, PCIDSS321Checks, HIPAASecurityChecks];
  Validations.of(app).addPlugins(
    new HardenedRules((stack) => (stack instanceof McpStack ? stack.statedRights : [])),
    ...packs.map((Pack) => new Pack(app, { verbose: true })),
  );
}
