import { isUnauthenticated } from './aws-credentials.ts';

/** Why AWS refused to read or change the list, and the next step. An error of another kind is explained by its message. */
export function explainRefusal(error: Error): string {
  const { name, message } = error;
  if (message === 'Region is missing') return `${message}: give the ARN of the secret, or set AWS_REGION`;
  if (isUnauthenticated(error)) return `${message}\nSign in as for the AWS CLI, and try again.`;
  if (name !== 'AccessDeniedException') return message;
  if (!/explicit deny in a resource-based policy/.test(message)) {
    return `${message}\nThe rights that an administrator of tokens needs: docs/tokens.md, Clients without an IAM identity.`;
  }
  const [, role] = /:assumed-role\/([\w+=,.@-]+)\//.exec(message) ?? [];
  const [user] = /arn:[\w-]+:iam::\d{12}:user\/[\w+=,.@/-]+/.exec(message) ?? [];
  const arn =
    user === undefined
      ? `the ARN that this prints:\n  aws iam get-role --role-name ${role ?? 'YOUR_ROLE'} --query Role.Arn --output text`
      : `the ARN ${user}`;
  return [
    message,
    'Only the principals in secrets.administratorArns read the list, and you are none of them. In infra/config.ts, add',
    `${arn}\nThen deploy, and try again.`,
  ].join('\n');
}
