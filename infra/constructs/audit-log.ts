import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { retention } from '../lib/validation.ts';

export interface AuditLogOptions {
  /** Days audit records are kept, a value CloudWatch Logs accepts; in production at least 365. @default 365 */
  readonly retentionDays?: number;
}

export interface AuditLogProps extends AuditLogOptions {
  readonly logKey: IKey;
}

/**
 * Where the service's lines go: audit records (`"type":"audit"`) and operational ones (`"type":"log"`), one stream
 * a task. It outlives the stack and must be unprotected by hand before anyone can delete it.
 */
export class AuditLog extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: AuditLogProps) {
    super(scope, id);
    this.logGroup = new LogGroup(this, 'Resource', {
      encryptionKey: props.logKey,
      retention: retention('auditLog.retentionDays', props.retentionDays ?? 365),
      deletionProtectionEnabled: true,
      // Also when a first deployment fails: its roll-back could not delete a protected group.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
