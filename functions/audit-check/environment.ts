import { z } from 'zod';

/** The environment contract with the stack: every variable the function reads. */
export type AuditCheckVariable = 'AUDIT_LOG_GROUP' | 'AUDIT_KEY_SECRET_ARN';

export interface AuditCheckEnvironment {
  /** Log group of the service's audit records, one stream per task. */
  readonly logGroupName: string;
  /** Id of the secret with the chain's HMAC key. */
  readonly keySecretId: string;
}

const Variables = z.object({
  AUDIT_LOG_GROUP: z.string().min(1),
  AUDIT_KEY_SECRET_ARN: z.string().min(1),
}) satisfies z.ZodType<Record<AuditCheckVariable, unknown>>;

/** Parses the variables that the stack sets. @throws Error naming the bad variable; none of them is a secret */
export function parseAuditCheckEnvironment(
  source: Readonly<Record<string, string | undefined>>,
): AuditCheckEnvironment {
  const { AUDIT_LOG_GROUP, AUDIT_KEY_SECRET_ARN } = Variables.parse(source);
  return { logGroupName: AUDIT_LOG_GROUP, keySecretId: AUDIT_KEY_SECRET_ARN };
}
