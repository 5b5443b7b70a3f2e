import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { assertShape } from '../../lib/shape.ts';
import { assertMatches, OptionError } from '../../lib/validation.ts';

/** What a fork's tools may do in AWS, each action and each resource by its name. */
export interface TaskPolicyStatement {
  /** Actions such as `s3:GetObject`, at least one, without a wildcard. */
  readonly actions: readonly string[];
  /** ARNs, at least one. A wildcard in one is a finding of the policy, which fails synth until it is acknowledged. */
  readonly resources: readonly string[];
}

/** Lets the role do exactly that, besides what it may already. */
export function grantStatements(role: IRole, statements: readonly TaskPolicyStatement[]): void {
  for (const [index, statement] of statements.entries()) {
    const option = `task.policyStatements[${index}]`;
    // A condition that nobody reads would grant more than was written.
    assertShape(option, statement, { actions: 'list', resources: 'list' });
    const { actions, resources } = statement;
    if (!(actions?.length > 0 && resources?.length > 0)) {
      throw new OptionError(`${option} must have actions and resources, at least one of each`);
    }
    for (const action of actions) {
      assertMatches(`${option}.actions`, action, /^[a-z0-9-]+:[A-Za-z0-9]+$/, 'actions such as s3:GetObject');
    }
    for (const resource of resources) {
      const arn = /^arn:aws[\w-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}|aws)?:[^\s?$]+$/;
      assertMatches(`${option}.resources`, resource, arn, 'ARNs of resources');
    }
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
