import { readFileSync } from 'node:fs';
import {
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  Stack,
} from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { findingsOf, RULES } from './hardened.ts';
import type { StatedRights } from './synthesized-template.ts';

/**
 * Runs the kit's own rules in every synthesis. They read the template files, so they see every change of a template. A
 * rule that a fork must break is acknowledged as `Hardened::ID`, with its reason, beside the construct.
 */
export class HardenedRules implements IPolicyValidationPlugin {
  readonly name = 'Hardened';
  readonly ruleIds = Object.values(RULES).flatMap((rules) => rules.map(({ id }) => id));
  private readonly statedOf: (stack: IConstruct | undefined) => readonly StatedRights[];

  /** @param statedOf rights of the task role that the configuration of a stack states */
  constructor(statedOf: (stack: IConstruct | undefined) => readonly StatedRights[] = () => []) {
    this.statedOf = statedOf;
  }

  validate({ stackTemplates, appConstruct }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = stackTemplates.flatMap(({ stackConstructPath, templatePath }) => {
      const stack = appConstruct.node.findAll().find(({ node }) => node.path === stackConstructPath);
      const production = !(Stack.isStack(stack) && stack.terminationProtection === false);
      const template: unknown = JSON.parse(readFileSync(templatePath, 'utf8'));
      return findingsOf(template, { production, stated: this.statedOf(stack) }).map(
        ({ rule, logicalId, problem }) => ({
          ruleName: rule.id,
          description: `${rule.control}: ${problem}`,
          fix: `See ${rule.file}`,
          severity: 'error',
          violatingResources: [
            {
              ...(logicalId === undefined
                ? { constructPath: stackConstructPath }
                : { resourceLogicalId: logicalId }),
              locations: [],
              templatePath,
            },
          ],
        }),
      );
    });
    return { success: violations.length === 0, violations };
  }
}
