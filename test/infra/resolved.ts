export type Value = string | { Ref: string } | { 'Fn::Join': [string, Value[]] };

/** What CloudFormation would make of a value; the Ref of a secret is its ARN. */
export function resolved(value: Value): string {
  if (typeof value === 'string') return value;
  if ('Ref' in value) return `arn:aws:secretsmanager:us-east-1:123456789012:secret:${value.Ref}-AbCdEf`;
  return value['Fn::Join'][1].map(resolved).join(value['Fn::Join'][0]);
}
