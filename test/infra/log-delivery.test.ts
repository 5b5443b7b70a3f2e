import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { combinations } from './combinations.ts';
import { all, template } from './templates.ts';

/** Names of the log groups that an AWS service delivers logs to, by the logical id of the group. */
const DELIVERED = [/^DnsFirewallLogGroup/, /^WebAclLogGroup/];

describe.each(Object.entries<StageConfig>(combinations))('the delivered logs of %s', (_name, config) => {
  const found = template(config);
  const groups = Object.entries(found.findResources('AWS::Logs::LogGroup'));
  const delivered = groups.filter(([id]) => DELIVERED.some((pattern) => pattern.test(id)));

  test('take none of the ten log resource policies of the account', () => {
    expect(all(found, 'AWS::Logs::ResourcePolicy')).toEqual([]);
  });

  test('are those that the web ACL and the DNS firewall write', () => {
    const services = ['AWS::WAFv2::LoggingConfiguration', 'AWS::Route53Resolver::ResolverQueryLoggingConfig'];
    const destinations = services.flatMap(
      (type) => JSON.stringify(all(found, type)).match(/\w+LogGroup\w+/g) ?? [],
    );
    expect(delivered.map(([id]) => id).sort()).toEqual(destinations.sort());
    const others = groups.filter(([id]) => !destinations.includes(id));
    for (const [, { Properties }] of others) expect(Properties).not.toHaveProperty('ResourcePolicyDocument');
  });

  test.each(delivered)(
    '%s accepts the delivery of logs of this account only, to itself',
    (_id, { Properties }) => {
      const { LogGroupName, ResourcePolicyDocument } = Properties;
      const [{ Resource, ...statement }, ...others] = ResourcePolicyDocument.Statement;
      expect(others).toEqual([]);
      expect(statement).toEqual({
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: {
            'aws:SourceArn': {
              'Fn::Join': ['', ['arn:aws:logs:us-east-1:', { Ref: 'AWS::AccountId' }, ':*']],
            },
          },
        },
      });
      const [[name, suffix]] = LogGroupName['Fn::Join'].slice(1);
      expect(Resource).toEqual({
        'Fn::Join': [
          '',
          [
            'arn:aws:logs:us-east-1:',
            { Ref: 'AWS::AccountId' },
            `:log-group:${name}`,
            suffix,
            ':log-stream:*',
          ],
        ],
      });
    },
  );
});
