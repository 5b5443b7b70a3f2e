import { type App, Validations } from 'aws-cdk-lib/core';
import { AwsSolutionsChecks } from 'cdk-nag';
import { HardenedRules } from './rules/plugin.ts';

/**
 * Makes every synthesis of the app fail on a finding that nobody acknowledged. An acknowledgement names one finding
 * and its reason and stands beside the construct it concerns.
 */
export function enforcePolicy(app: App): void {
  Validations.of(app).addPlugins(new HardenedRules(), new AwsSolutionsChecks(app, { verbose: true }));
}
