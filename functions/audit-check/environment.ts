import { z } from 'zod';

/** The contract with the stack: every variable the function reads. */
export type AuditCheckVariable = 'AUDIT_LOG_GROUP' | 'AUDIT_KEY_SECRET_ARN';

export interface AuditCheckEnvironment {
  /** Where the service writes its audit records, a stream a task. */
  readonly logGroupName: string;
  /** The secret with the key of the chain's HMAC. */
  readonly keySecretId: string;
}

const Variables = z.object({
  AUDIT_LOG_GROUP: z.string().min(1),
  AUDIT_KEY_SECRET_ARN: z.string().min(1),
}) satisfies z.ZodType<Record<AuditCheckVariable, unknown>>;

/** Reads what the stack has set. @throws Error naming the bad variable; none of them is a secret */
export function parseAuditCheckEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): AuditCheckEnvironment {
  const { AUDIT_LOG_GROUP, AUDIT_KEY_SECRET_ARN } = Variables.parse(source);
  return { logGroupName: AUDIT_LOG_GROUP, keySecretId: AUDIT_KEY_SECRET_ARN };
}
