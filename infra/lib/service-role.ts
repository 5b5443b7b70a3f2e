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
  /** Service that assumes the role, such as `ecs-tasks.amazonaws.com`. */
  readonly service: string;
  readonly description: string;
  /**
   * ARN pattern in this account of the resource that the service must act for, against the confused deputy. Not every
   * service sends it; one that does not could never assume the role.
   *
   * @default - any resource
   */
  readonly sourceArn?: string;
}

/**
 * A role that one AWS service can assume. Its permissions are in a managed policy of the stack, because inline policies
 * are harder to review and cannot be reused (NIST 800-53 AC-2, PCI DSS 7.1.2, HIPAA 164.308(a)(3)).
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
