import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { findingsOf } from '../../infra/rules/hardened.ts';
import type { ToolDefinition } from '../../service/tools/definition.ts';
import { combinations, s3PrefixListId, tableArn } from './combinations.ts';
import { domainList } from './domain-lists.ts';
import { stack } from './stack.ts';
import { stages } from './stages.ts';
import { all } from './templates.ts';
import { problemsOf, right, toolWith } from './tool-statements.ts';

describe('without an internet route', () => {
  const network = { egress: 'endpoints', s3PrefixListId } as const;
  const inside = (needs: ToolDefinition['needs'], more: object = {}) =>
    problemsOf({ network: { ...network, ...more } }, [toolWith(needs)]);

  test.each<[string, ToolDefinition['needs'], object, string]>([
    [
      'a public host',
      { hosts: ['api.example.com'] },
      {},
      'tools.own needs api.example.com, which tasks cannot reach with network.egress endpoints: set network.egress to nat, or state it as internal',
    ],
    [
      'a host of AWS without an endpoint',
      { hosts: ['places.geo.us-east-1.amazonaws.com'] },
      {},
      'or name its endpoint in network.otherEndpoints',
    ],
    [
      'a table of another region',
      right('dynamodb:Query', tableArn.replace('us-east-1', 'eu-west-1')),
      { dynamodbPrefixListId: 'pl-0456abcd' },
      'tools.own needs a resource of another region, which tasks cannot reach',
    ],
    [
      'a stream of a table',
      right('dynamodb:GetRecords', `${tableArn}/stream/x`),
      {},
      'tools.own needs dynamodb:GetRecords, whose service has no endpoint with private DNS: set network.egress to nat',
    ],
    [
      'DynamoDB without its prefix list',
      right('dynamodb:Query', tableArn),
      {},
      'network.dynamodbPrefixListId must be given with egress endpoints and DynamoDB',
    ],
    [
      'an internal host without its addresses',
      { hosts: [{ host: 'a.corp.example.com', internal: true }] },
      {},
      'network.internalCidrs must be given with egress endpoints, because tasks connect to a.corp.example.com of tools.own',
    ],
    [
      'addresses without an internal host',
      right('sqs:SendMessage', 'arn:aws:sqs:us-east-1:123456789012:jobs'),
      { internalCidrs: ['10.0.0.0/8'] },
      'network.internalCidrs must be left out unless egress is endpoints and a tool has an internal host',
    ],
    [
      'a prefix list without a table',
      undefined,
      { dynamodbPrefixListId: 'pl-0456abcd' },
      'network.dynamodbPrefixListId must be left out unless egress is endpoints and a tool calls DynamoDB',
    ],
  ])('fails for %s', (_what, needs, more, message) => {
    expect(inside(needs, more).join('\n')).toContain(message);
  });

  test('a host is accepted that an endpoint serves: of the tool’s own, or of the stage', () => {
    const otherEndpoints = [{ service: 'geo.places', hosts: ['places.geo.us-east-1.amazonaws.com'] }];
    expect(inside({ hosts: ['a1b2c3.execute-api.us-east-1.amazonaws.com'] })).toEqual([]);
    expect(inside({ hosts: ['places.geo.us-east-1.amazonaws.com'] }, { otherEndpoints })).toEqual([]);
  });

  test('the owner of an existing VPC knows its endpoints', () => {
    const { vpc } = combinations.vpcEndpoints.network;
    expect(inside({ hosts: ['api.example.com'] }, { vpc })).toEqual([]);
    expect(inside(right('dynamodb:Query', tableArn), { vpc, dynamodbPrefixListId: 'pl-0456abcd' })).toEqual(
      [],
    );
  });
});

describe('the endpoints of a tool that calls several services', () => {
  const stated = [
    { actions: ['lambda:InvokeFunction'], resources: ['arn:aws:lambda:us-east-1:123456789012:function:f'] },
    { actions: ['s3:GetObject', 's3:ListBucket'], resources: ['arn:aws:s3:::pages', 'arn:aws:s3:::pages/a'] },
    { actions: ['logs:FilterLogEvents'], resources: ['arn:aws:logs:us-east-1:123456789012:log-group:app'] },
  ];
  const config = { ...stages.dev, task: {}, network: { egress: 'endpoints', s3PrefixListId } } as const;
  const tool = toolWith({ hosts: ['a1b2c3.execute-api.us-east-1.amazonaws.com'], awsActions: stated });
  const found = Template.fromStack(stack(config, 'Mcp-test', [tool]));
  const statementsOf = (service: string) =>
    all(found, 'AWS::EC2::VPCEndpoint')
      .filter(({ Properties }) => JSON.stringify(Properties.ServiceName).includes(`.${service}"`))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  const ours = { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } };

  test('allow exactly its rights to identities of ours, besides what a task needs there', () => {
    expect(statementsOf('lambda')).toEqual([
      expect.objectContaining({
        Action: 'lambda:InvokeFunction',
        Resource: stated[0]?.resources[0],
        Condition: ours,
      }),
    ]);
    expect(statementsOf('s3').slice(1)).toEqual([
      expect.objectContaining({
        Action: stated[1]?.actions,
        Resource: stated[1]?.resources,
        Condition: ours,
      }),
    ]);
    expect(statementsOf('logs').slice(1)).toEqual([
      expect.objectContaining({ Action: 'logs:FilterLogEvents', Condition: ours }),
    ]);
    expect(statementsOf('secretsmanager')).toHaveLength(1);
  });

  test('are also those of its hosts, and of a bucket the tasks resolve the one name', () => {
    expect(statementsOf('execute-api')).toHaveLength(2);
    const names = domainList(found, 'Needed');
    expect(names).toEqual(
      expect.arrayContaining([
        'a1b2c3.execute-api.us-east-1.amazonaws.com',
        'lambda.us-east-1.amazonaws.com',
        'pages.s3.us-east-1.amazonaws.com',
      ]),
    );
    expect(names).not.toContain('*.s3.us-east-1.amazonaws.com');
  });

  test('break no rule, as long as the tool states its rights', () => {
    const broken = (rights: typeof stated) =>
      findingsOf(found.toJSON(), { production: false, stated: { rights, additions: [] } }).map(
        ({ rule }) => rule.id,
      );
    expect(broken(stated)).toEqual([]);
    expect(broken(stated.slice(1))).toEqual(['TaskRoleAsStated']);
  });
});

test('a tool uses the key of its bucket only through S3', () => {
  const key = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
  const awsActions = [{ actions: ['s3:GetObject', 'kms:Decrypt'], resources: ['arn:aws:s3:::pages/a', key] }];
  const found = Template.fromStack(stack(stages.dev, 'Mcp-test', [toolWith({ awsActions })]));
  found.hasResourceProperties('AWS::IAM::ManagedPolicy', {
    PolicyDocument: {
      Statement: [
        { Action: 's3:GetObject' },
        {
          Action: 'kms:Decrypt',
          Condition: { StringEquals: { 'kms:ViaService': ['s3.us-east-1.amazonaws.com'] } },
        },
      ],
    },
  });
});
