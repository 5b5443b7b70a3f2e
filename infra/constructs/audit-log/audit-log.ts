import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  type CfnQueryDefinition,
  CustomDataIdentifier,
  DataProtectionPolicy,
  FieldIndexPolicy,
  LogGroup,
  QueryDefinition,
  QueryString,
} from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import * as z from 'zod';
import { MASKS } from '../../../service/environment/bounds.ts';
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

/** Fields that reviews filter by; a query on one of these reads only matching records. */
const INDEXED = ['clientId', 'userId', 'tool', 'outcome', 'requestId', 'traceId'];

/**
 * The log group of the service: audit records (`"type":"audit"`) and operational lines (`"type":"log"`), one stream per
 * task. Retained when the stack is deleted; deletion protection must be removed manually first.
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
        // The service redacts before it writes; this is for what it misses. No record is changed by it (service/environment/bounds.ts).
        identifiers: Object.entries(MASKS).map(([name, regex]) => new CustomDataIdentifier(name, regex)),
      }),
      fieldIndexPolicies: [new FieldIndexPolicy({ fields: INDEXED })],
      // Applies to a failed first deployment too: its rollback could not delete a protected group.
      removalPolicy: RemovalPolicy.RETAIN,
    });
    for (const [name, { title, lines, afterwards }] of Object.entries(AUDIT_QUERIES)) {
      const queryString = new QueryString(lines);
      const query = new QueryDefinition(this, name, {
        queryDefinitionName: `${stackName}/${title}`,
        queryString,
        logGroups: [this.logGroup],
      });
      if (afterwards === undefined) continue;
      const { defaultChild } = query.node as { defaultChild?: CfnQueryDefinition };
      if (defaultChild) defaultChild.queryString = [queryString.toString(), ...afterwards].join('\n| ');
    }
  }
}
