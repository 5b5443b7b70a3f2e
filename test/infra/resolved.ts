export type Value =
  | string
  | { Ref: string }
  | { 'Fn::GetAtt': [string, string] }
  | { 'Fn::Join': [string, Value[]] };

/** The value that CloudFormation would resolve for an attribute that the service gets. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  'Endpoint.Address': 'mcp-test-limits-abcdef.serverless.use1.cache.amazonaws.com',
  ARN: 'arn:aws:elasticache:us-east-1:123456789012:serverlesscache:mcp-test-limits',
};

/** The value that CloudFormation would resolve; the Ref of a secret is its ARN. */
export function resolved(value: Value): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return `arn:aws:secretsmanager:us-east-1:123456789012:secret:${value.Ref}-AbCdEf`;
  if ('Fn::GetAtt' in value) {
    const [logicalId, attribute] = value['Fn::GetAtt'];
    return ATTRIBUTES[attribute] ?? `${logicalId}.${attribute}`;
  }
  return value['Fn::Join'][1].map(resolved).join(value['Fn::Join'][0]);
}
