import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { parseStageConfig, type StageConfig } from '../../infra/stage-config.ts';
import { apiKeyKmsKeyArn, caCertificates, combinations, tableArn, toolSecretArn } from './combinations.ts';
import { containerEnvironment } from './container-environment.ts';
import { domainList } from './domain-lists.ts';
import { stack } from './stack.ts';
import { stages } from './stages.ts';
import { all, resources, template } from './templates.ts';
import { problemsOf, right, toolWith } from './tool-statements.ts';
import { tools } from './tools.ts';
import { variants } from './variants.ts';

const { ownTools, ownToolsInside } = combinations;
const stock = ownTools.tools.example_http;
const orders = ownTools.tools.example_aws;

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
    const plain = tools.filter(({ name }) => name === 'example');
    expect(parseStageConfig({ ...stages.dev, task: {} }, plain).served.map(({ name }) => name)).toEqual([
      'example',
    ]);
    expect(problemsOf({})).toEqual([
      expect.stringMatching(/^tools\.example_aws\.settings\.tableArn is required/),
      expect.stringMatching(/^tools\.example_http\.settings\.apiHost is required/),
      'tools.example_http.secrets.apiKey is required: the reference of a secret',
    ]);
  });

  test('may be none beside a server, whose tools are then the only ones', () => {
    const only: StageConfig = { ...stages.prod, tools: {}, task: variants.smallestServer.task };
    const { served, scrapes } = parseStageConfig(only, tools);
    expect([served, scrapes]).toEqual([[], false]);
    // An absent MCP_TOOLS names none if there is a server.
    const variables = containerEnvironment(Template.fromStack(stack(only)));
    expect(variables).toMatchObject({ MCP_SERVER_URL: 'http://127.0.0.1:8000/mcp' });
    expect(Object.keys(variables).join()).not.toMatch(/MCP_TOOLS|SCRAPE_/);
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
      "tools.example_http.secrets.apiKey must be 'create', the complete ARN of a secret with its suffix, or { arn, kmsKeyArn }, got (value hidden)",
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
    [{}, 'tools must have at least one tool; leave it out for all tools of service/tools/index.ts, or give'],
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

describe('a stage whose tools read no pages', () => {
  test.each([
    ['scrapeEngine', 'direct'],
    ['allowedDomains', ['example.com']],
    ['scrapeTimeoutMs', 5000],
    ['scrapeMaxBytes', 4096],
  ])('refuses task.%s, and another one takes it', (option, value) => {
    const task = { [option]: value };
    const refusal = `task.${option} must be left out: the stage serves no tool that reads pages (needs.scrape), got ${JSON.stringify(value)}`;
    expect(problemsOf({ tools: { example: {} }, task })).toEqual([refusal]);
    expect(problemsOf({ task }, [])).toEqual([refusal]);
    expect(problemsOf({ tools: { example: {}, fetch_page: {} }, task })).toEqual([]);
  });

  test('gets no variable about pages, resolves no name of them and connects to port 443 only', () => {
    for (const [config, reads] of [
      [ownTools, false],
      [stages.prod, true],
    ] as const) {
      const found = template(config);
      const variables = Object.keys(containerEnvironment(found)).filter((name) => /^SCRAPE_/.test(name));
      expect([variables.length > 0, domainList(found, 'Scraped').length > 0]).toEqual([reads, reads]);
      const ports = all(found, 'AWS::EC2::SecurityGroup').flatMap(({ Properties }) =>
        (Properties.SecurityGroupEgress ?? []).flatMap(({ ToPort }: { ToPort?: number }) => ToPort ?? []),
      );
      expect(ports.includes(80)).toBe(reads);
    }
  });
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
