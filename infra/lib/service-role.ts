import {
  type AddToPrincipalPolicyResult,
  ManagedPolicy,
  type PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

export interface ServiceRoleProps {
  /** Who takes it on, such as `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  readonly description: string;
  /**
   * ARN pattern in this account of what the service must act for: against a service that is talked into it by another
   * account. Not every service tells it; one that does not could never take the role on.
   *
   * @default - whatever the service acts for
   */
  readonly sourceArn?: string;
}

/**
 * A role that one AWS service takes on. Whatever is granted to it stands in a managed policy of the
 * stack, because an inline one is seen and reused nowhere else (NIST 800-53 AC-2, PCI DSS 7.1.2, HIPAA 164.308(a)(3)).
 */
export class ServiceRole extends Role {
  private permissions?: ManagedPolicy;

  constructor(scope: Construct, id: string, props: ServiceRoleProps) {
    super(scope, id, {
      description: props.description,
      assumedBy: new ServicePrincipal(props.service, {
        conditions:
          props.sourceArn === undefined
            ? {}
            : {
                StringEquals: { 'aws:SourceAccount': Stack.of(scope).account },
                ArnLike: { 'aws:SourceArn': props.sourceArn },
              },
      }),
    });
  }

  override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    this.permissions ??= new ManagedPolicy(this, 'Permissions', { roles: [this] });
    this.permissions.addStatements(statement);
    return { statementAdded: true, policyDependable: this.permissions };
  }
}
