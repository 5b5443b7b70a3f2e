import { randomBytes } from 'node:crypto';
import { NOTHING_DENIED } from '../../service/auth/access-document.ts';
import { leaks } from '../service/support/leaks.ts';
import { entry } from '../service/support/tokens.ts';
import { createEveryTool } from '../support/every-tool.ts';

type Variables = Readonly<Record<string, string>>;

export interface SecretsOfTask {
  /** Token of the test clients; it grants every tool. */
  readonly token: string;
  /** The key that the audit records are signed with. */
  readonly auditKey: string;
  /** The values by the ids that the environment refers to. */
  readonly values: Variables;
}

/** The variables, with a token list in place of an issuer, which a namespace without egress cannot reach. */
export function withTokenList(variables: Variables): Variables {
  if (variables['MCP_AUTH_MODE'] !== 'oauth') return variables;
  const others = Object.entries(variables).filter(([name]) => !name.startsWith('MCP_OAUTH_'));
  const list = { MCP_AUTH_MODE: 'tokens', MCP_AUTH_TOKENS: 'aws-secretsmanager:token-list' };
  return { ...Object.fromEntries(others), ...list };
}

/** A value for every secret that the variables refer to. */
export async function secretsOfTask(variables: Variables): Promise<SecretsOfTask> {
  const token = randomBytes(32).toString('base64url');
  const auditKey = randomBytes(32).toString('hex');
  const scopes = new Set((await createEveryTool()).flatMap((tool) => tool.scopes));
  const known: Variables = {
    MCP_AUTH_TOKENS: JSON.stringify({ tokens: [entry(token, 'container-test', [...scopes])] }),
    MCP_ACCESS_LIST: NOTHING_DENIED,
    MCP_AUDIT_KEY: auditKey,
  };
  const values = Object.entries(variables).flatMap(([name, value]) => {
    const [, id] = /^aws-secretsmanager:(.*)$/.exec(value) ?? [];
    return id === undefined ? [] : [[id, known[name] ?? randomBytes(16).toString('hex')] as const];
  });
  for (const [, value] of values) leaks.document('secret of the task', value);
  return { token, auditKey, values: Object.fromEntries(values) };
}
