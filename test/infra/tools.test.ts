import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { App } from 'aws-cdk-lib/core';
import * as z from 'zod';
import { findingsOf } from '../../infra/rules/hardened.ts';
import { McpStack } from '../../infra/stack.ts';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { defineTool, type ToolDefinition } from '../../service/tools/definition.ts';
import {
  apiKeyKmsKeyArn,
  apiKeySecretArn,
  caCertificates,
  combinations,
  s3PrefixListId,
  tableArn,
  toolSecretArn,
} from './combinations.ts';
import { containerEnvironment } from './container-environment.ts';
import { domainList } from './domain-lists.ts';
import { appProps } from './stack.ts';
import { stages } from './stages.ts';
import { all, resources, template } from './templates.ts';
import { tools } from './tools.ts';

const { ownTools, ownToolsInside } = combinations;
const stock = ownTools.tools.example_http;
const orders = ownTools.tools.example_aws;

/** The lines of the error of a stage. */
function problemsOf(config: object, definitions: readonly ToolDefinition[] = tools): string[] {
  try {
    parseStageConfig({ ...stages.dev, ...config } as StageConfig, definitions);
  } catch (error) {
    return (error as Error).message.split('\n');
  }
  return [];
}

/** A tool that states these needs, and does nothing. */
function toolWith(needs: ToolDefinition['needs'], name = 'own'): ToolDefinition {
  const create = () => Promise.reject(new Error('the stack starts no tool'));
  return { ...defineTool({ name, create }), ...(needs && { needs }) };
}

const right = (action: string, resource = '*') => ({
  awsActions: [{ actions: [action], resources: [resource] }],
});

describe('the tools of a stage', () => {
  test('are those that it names, with their values and references to their secrets', () => {
    const { MCP_TOOLS, MCP_TOOL_CONFIG = '' } = containerEnvironment(template(ownTools));
    expect(MCP_TOOLS).toBe('example_aws,example_http');
    expect(JSON.parse(MCP_TOOL_CONFIG)).toEqual({
      example_aws: orders,
      example_http: {
        settings: stock.settings,
        secrets: { apiKey: expect.stringMatching(/^aws-secretsmanager:arn:aws:secretsmanager:us-east-1:/) },
      },
    });
  });

  test('are all of the list without the option, if these need no values', () => {
    const plain = tools.filter(({ needs }) => needs === undefined);
    expect(parseStageConfig(stages.dev, plain).served.map(({ name }) => name)).toEqual(['example']);
    expect(problemsOf({})).toEqual([
      expect.stringMatching(/^tools\.example_aws\.settings\.tableArn is required/),
      expect.stringMatching(/^tools\.example_http\.settings\.apiHost is required/),
      'tools.example_http.secrets.apiKey is required: the reference of a secret',
    ]);
  });

  test('without a list the image decides, and the environment names none', () => {
    expect(containerEnvironment(template(stages.prod))).not.toHaveProperty('MCP_TOOLS');
  });

  test('have all their problems in one error, with the problems of other options', () => {
    const found = problemsOf({
      edge: { allowedCidr: [] },
      tools: {
        exmple: {},
        example_http: {
          settings: { apiHots: 'stock.corp.example.com' },
          secrets: { apiKy: 'create', apiKey: 'hunter2' },
          deadlineMs: 1,
        },
        example_aws: { settings: { tableArn: 'orders' }, limit: 5 },
      },
    });
    expect(found).toEqual([
      expect.stringMatching(/^edge\.allowedCidr is not an option/),
      'tools.example_http.secrets.apiKey must be \'create\', the complete ARN of a secret with its suffix, or { arn, kmsKeyArn }, got "hunter2"',
      'tools.example_http.deadlineMs must be a whole number from 100 to 50000, got 1',
      'tools.example_aws.limit is not an option; valid options: settings, secrets, deadlineMs, limitPerMinute',
      expect.stringMatching(/^edge\.allowedCidr is not an option/),
    ]);
    expect(
      problemsOf({
        tools: {
          exmple: {},
          example_http: { settings: { apiHots: 'a.example.com' }, secrets: { apiKy: 'create' } },
          example_aws: { settings: { tableArn: 'orders' } },
        },
      }),
    ).toEqual([
      expect.stringMatching(/^tools\.exmple is not a tool \(did you mean example\?\)/),
      expect.stringMatching(
        /^tools\.example_aws\.settings\.tableArn is not valid: must be the ARN of a table/,
      ),
      expect.stringMatching(
        /^tools\.example_http\.settings\.apiHots is not a setting of the tool \(did you mean apiHost\?\)/,
      ),
      expect.stringMatching(/^tools\.example_http\.settings\.apiHost is required/),
      expect.stringMatching(
        /^tools\.example_http\.secrets\.apiKy is not a secret of the tool \(did you mean apiKey\?\)/,
      ),
      expect.stringMatching(/^tools\.example_http\.secrets\.apiKey is required/),
    ]);
  });

  test.each([
    [{}, 'tools must have at least one tool; leave it out for all tools'],
    [
      { example_http: { ...stock, secrets: { apiKey: toolSecretArn.replace('us-east-1', 'eu-west-1') } } },
      'tools.example_http.secrets.apiKey must be in the region of the stage, us-east-1, got "arn:aws:secretsmanager:eu-west-1',
    ],
    [
      {
        example_http: {
          ...stock,
          secrets: {
            apiKey: { arn: toolSecretArn, kmsKeyArn: apiKeyKmsKeyArn.replace('us-east-1', 'eu-west-1') },
          },
        },
      },
      'tools.example_http.secrets.apiKey must be in the region of the stage, us-east-1, got "arn:aws:kms:eu-west-1',
    ],
    [
      { example_aws: { settings: { tableArn: tableArn.replace('aws', 'aws-cn') } } },
      'tools.example_aws needs resources of the partition of its region, aws, got "arn:aws-cn:',
    ],
  ])('fail on %j', (given, message) => {
    expect(problemsOf({ tools: given }).join('\n')).toContain(message);
  });
});

describe('a service whose hosts the kit does not know', () => {
  const geo = right('geo:SearchPlaceIndexForText', 'arn:aws:geo:us-east-1:123456789012:place-index/p');

  test('needs the hosts of the tool, and the error says so', () => {
    expect(problemsOf({}, [toolWith(geo)])).toEqual([
      "tools.own needs geo:SearchPlaceIndexForText, and the kit does not know the hosts of this service: add them to the tool's needs.hosts, such as geo.us-east-1.amazonaws.com",
    ]);
  });

  test('is accepted with a host of AWS', () => {
    expect(problemsOf({}, [toolWith({ ...geo, hosts: ['places.geo.us-east-1.amazonaws.com'] })])).toEqual([]);
  });
});

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

test('certificate authorities are for internal hosts, and hold no private key', () => {
  const task = { caCertificates };
  expect(problemsOf({ tools: { example: {} }, task })).toEqual([
    'task.caCertificates must be left out unless a tool has an internal host',
  ]);
  for (const pem of [
    'PEM',
    caCertificates.replace('MII', 'MIX'),
    `${caCertificates}\n-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----`,
    Array.from({ length: 11 }, () => caCertificates).join('\n'),
  ])
    expect(problemsOf({ tools: { example_http: stock }, task: { caCertificates: pem } })[0]).toMatch(
      /^task\.caCertificates must be one to ten certificates in PEM/,
    );
});

describe('from the statements of the tools come', () => {
  test('the names that tasks resolve: hosts of the tools and of the services that they call', () => {
    for (const config of [ownTools, ownToolsInside])
      expect(domainList(template(config), 'Needed')).toEqual(
        expect.arrayContaining([
          'stock.corp.example.com',
          'dynamodb.us-east-1.amazonaws.com',
          '*.ddb.us-east-1.amazonaws.com',
        ]),
      );
    expect(domainList(template(stages.prod), 'Needed')).not.toContain('dynamodb.us-east-1.amazonaws.com');
  });

  test('the secrets: an empty one under the stack’s key, and an output that names it; an imported one is not created', () => {
    const created = Object.entries(resources(template(ownTools), 'AWS::SecretsManager::Secret')).filter(
      ([id]) => id.startsWith('ToolSecrets'),
    );
    expect(
      created.map(([, { Properties, DeletionPolicy }]) => [Object.keys(Properties), DeletionPolicy]),
    ).toEqual([[['Description', 'KmsKeyId'], 'RetainExceptOnCreate']]);
    const [[id = '', secret] = []] = created;
    expect(secret?.Properties.KmsKeyId['Fn::GetAtt'][0]).toMatch(/^SecretsKey/);
    expect(template(ownTools).toJSON()['Outputs']['ToolSecretExampleHttpApiKeyArn'].Value).toEqual({
      Ref: id,
    });
    expect(JSON.stringify(resources(template(ownToolsInside), 'AWS::SecretsManager::Secret'))).not.toContain(
      'example_http',
    );
  });

  test('the endpoint of DynamoDB, whose policy allows what the tool states, for identities of ours', () => {
    const [gateway] = all(template(ownToolsInside), 'AWS::EC2::VPCEndpoint').filter(({ Properties }) =>
      JSON.stringify(Properties.ServiceName).includes('.dynamodb"'),
    );
    expect(gateway?.Properties.PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'dynamodb:Query',
        Resource: tableArn,
        Condition: { StringEquals: { 'aws:PrincipalAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    expect(all(template(ownTools), 'AWS::EC2::VPCEndpoint')).toEqual([]);
  });

  test('egress to the address ranges of internal hosts on 443, and to nothing else besides AWS', () => {
    const group = Object.entries(resources(template(ownToolsInside), 'AWS::EC2::SecurityGroup')).find(
      ([id]) => id.startsWith('ServiceSecurityGroup'),
    );
    expect(group?.[1].Properties.SecurityGroupEgress).toEqual([
      {
        CidrIp: '10.20.0.0/16',
        Description: expect.any(String),
        IpProtocol: 'tcp',
        FromPort: 443,
        ToPort: 443,
      },
    ]);
    const separate = all(template(ownToolsInside), 'AWS::EC2::SecurityGroupEgress').filter(
      ({ Properties }) => Properties.GroupId['Fn::GetAtt'][0] === group?.[0],
    );
    expect(separate.map(({ Properties }) => Properties.DestinationPrefixListId ?? 'group').sort()).toEqual([
      'group',
      'pl-0123abcd',
      'pl-0456abcd',
    ]);
  });
});

describe('as many tools as a stage takes', () => {
  const secrets = Array.from({ length: 20 }, (_, index) => `s${index}`);
  const arn = (index: number) =>
    `${toolSecretArn.slice(0, -'stock-api-AbCdEf'.length)}${String(index).padStart(430, 'x')}-AbCdEf`;
  const settings = z.strictObject({ text: z.string().max(20_000).default('') });
  const big = (awsActions: number, text = 0, hosts = 0): [ToolDefinition, object] => [
    toolWith({
      settings,
      secrets,
      hosts: Array.from({ length: hosts }, (_, index) => `h${index}.example.com`),
      awsActions: Array.from({ length: awsActions }, (_, index) => ({
        actions: ['s3:GetObject'],
        resources: [`arn:aws:s3:::${String(index).padStart(60, 'b')}/${'k'.repeat(350)}`],
      })),
    }),
    {
      settings: { text: 'x'.repeat(text) },
      secrets: Object.fromEntries(
        secrets.map((name, index) => [
          name,
          { arn: arn(index), kmsKeyArn: `${apiKeyKmsKeyArn.slice(0, -2)}${10 + index}` },
        ]),
      ),
    },
  ];

  test('fit every limit of AWS', () => {
    const [definition, own] = big(23, 700, 200);
    const stack = new McpStack(new App(appProps), 'Mcp-test', {
      config: { ...stages.prod, tools: { own } },
      tools: [definition],
    });
    const found = findingsOf(Template.fromStack(stack).toJSON()).filter(
      ({ rule }) => rule.id === 'ServiceLimits',
    );
    expect(found).toEqual([]);
  });

  test.each([
    [big(40), 'tools must have together needs.awsActions of at most 11000 characters as JSON, got'],
    [big(0, 5000), 'tools must have together values of at most 12000 characters as JSON, got'],
    [
      big(0, 0, 301),
      'tools must have together needs.hosts of at most 300 names, with those of AWS services, got 301',
    ],
  ])('%# and no more', ([definition, own], message) => {
    expect(problemsOf({ tools: { own } }, [definition]).join('\n')).toContain(message);
  });

  test('have 20 secrets at most, and rights of 5000 characters each', () => {
    const names = Array.from({ length: 21 }, (_, index) => `s${index}`);
    const own = { secrets: Object.fromEntries(names.map((name) => [name, apiKeySecretArn])) };
    expect(problemsOf({ tools: { own } }, [toolWith({ secrets: names })])).toEqual([
      'tools must have together secrets of at most 20 in all, got 21',
    ]);
    const long = right('s3:GetObject', `arn:aws:s3:::b/${'k'.repeat(2000)}`).awsActions[0];
    const resources = [0, 1, 2].map((index) => `${long?.resources[0]}${index}`);
    expect(problemsOf({}, [toolWith({ awsActions: [{ actions: ['s3:GetObject'], resources }] })])[0]).toMatch(
      /^tools\.own must have needs\.awsActions of at most 5000 characters each as JSON, got/,
    );
  });
});
