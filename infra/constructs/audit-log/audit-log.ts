import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  CustomDataIdentifier,
  DataIdentifier,
  DataProtectionPolicy,
  FieldIndexPolicy,
  LogGroup,
  QueryDefinition,
  QueryString,
} from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { retentionDays, YEAR_DAYS } from '../../lib/option-types.ts';
import { AUDIT_QUERIES } from './queries.ts';

export const auditLogOptions = z.strictObject({
  retentionDays: retentionDays().describe(
    `Days audit records are kept; in production at least ${YEAR_DAYS}.`,
  ),
});

export interface AuditLogProps extends z.output<typeof auditLogOptions> {
  readonly logKey: IKey;
}

/**
 * What is masked for whoever reads the log without `logs:Unmask`, should the service's own redaction ever miss it.
 * Expressions have the few special characters that CloudWatch Logs takes, and no parentheses.
 */
const MASKED = [
  new CustomDataIdentifier('BearerToken', '[Bb]earer [A-Za-z0-9._/+=-]{16,}'),
  new CustomDataIdentifier('JsonWebToken', 'eyJ[A-Za-z0-9_-]{8,}[.][A-Za-z0-9_-]{4,}[.][A-Za-z0-9_-]*'),
  DataIdentifier.AWSSECRETKEY,
  DataIdentifier.OPENSSHPRIVATEKEY,
  DataIdentifier.PGPPRIVATEKEY,
  DataIdentifier.PKCSPRIVATEKEY,
];

/** What reviews filter by; a query on one of these reads only the records that have the value. */
const INDEXED = ['clientId', 'tool', 'outcome', 'requestId'];

/**
 * Where the service's lines go: audit records (`"type":"audit"`) and operational ones (`"type":"log"`), one stream
 * a task. It outlives the stack and must be unprotected by hand before anyone can delete it.
 */
export class AuditLog extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: AuditLogProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    this.logGroup = new LogGroup(this, 'Resource', {
      encryptionKey: props.logKey,
      retention: props.retentionDays,
      deletionProtectionEnabled: true,
      dataProtectionPolicy: new DataProtectionPolicy({
        name: `${stackName}-credentials`,
        description: 'Masks what looks like a credential',
        identifiers: MASKED,
      }),
      fieldIndexPolicies: [new FieldIndexPolicy({ fields: INDEXED })],
      // Also when a first deployment fails: its roll-back could not delete a protected group.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const [name, { title, lines }] of Object.entries(AUDIT_QUERIES)) {
      new QueryDefinition(this, name, {
        queryDefinitionName: `${stackName}/${title}`,
        queryString: new QueryString(lines),
        logGroups: [this.logGroup],
      });
    }
  }
}
