import { readFileSync } from 'node:fs';
import {
  CfnElement,
  type IPolicyValidationContext,
  type IPolicyValidationPlugin,
  type PolicyValidationPluginReport,
  Stack,
} from 'aws-cdk-lib/core';
import type { IConstruct } from 'constructs';
import { advice } from './advice.ts';
import { type Finding, findingsOf, RULES } from './hardened.ts';
import type { Stated } from './synthesized-template.ts';

/**
 * Runs the kit's own rules in every synthesis. They read the template files, so they see every change of a template. A
 * finding names the code that acknowledges it, unless AWS would refuse the template: then it is fatal.
 */
export class HardenedRules implements IPolicyValidationPlugin {
  readonly name = 'Hardened';
  readonly ruleIds = Object.values(RULES).flatMap((rules) => rules.map(({ id }) => id));
  private readonly statedOf: (stack: IConstruct | undefined) => Stated | undefined;

  /** @param statedOf the statements of a stack's configuration */
  constructor(statedOf: (stack: IConstruct | undefined) => Stated | undefined = () => undefined) {
    this.statedOf = statedOf;
  }

  validate({ stackTemplates, appConstruct }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = stackTemplates.flatMap(({ stackConstructPath, templatePath }) => {
      const stack = appConstruct.node.findAll().find(({ node }) => node.path === stackConstructPath);
      const production = !(Stack.isStack(stack) && stack.terminationProtection === false);
      const template: unknown = JSON.parse(readFileSync(templatePath, 'utf8'));
      return findingsOf(template, { production, stated: this.statedOf(stack) }).map((finding) => ({
        ruleName: finding.rule.id,
        description: `${finding.rule.control}: ${finding.problem}`,
        fix: fixOf(finding, pathOf(stack, finding.logicalId) ?? stackConstructPath),
        severity: finding.refused ? 'fatal' : 'error',
        violatingResources: [
          {
            ...(finding.logicalId === undefined
              ? { constructPath: stackConstructPath }
              : { resourceLogicalId: finding.logicalId }),
            locations: [],
            templatePath,
          },
        ],
      }));
    });
    return { success: violations.length === 0, violations };
  }
}

function fixOf({ rule, refused }: Finding, path: string): string {
  const see = `See ${rule.file}.`;
  if (refused) return `${see} It cannot be acknowledged: AWS would refuse it.`;
  return `${see} ${advice(path, `Hardened::${rule.id}`)}`;
}

/** Path of the construct with a logical id. */
function pathOf(stack: IConstruct | undefined, logicalId: string | undefined): string | undefined {
  if (!Stack.isStack(stack) || logicalId === undefined) return undefined;
  const found = stack.node
    .findAll()
    .find((child) => CfnElement.isCfnElement(child) && stack.resolve(child.logicalId) === logicalId);
  return found?.node.path;
}
