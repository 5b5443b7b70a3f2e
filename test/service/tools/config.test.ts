import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { checkToolConfig } from '../../../service/tools/config.ts';
import { defineTool, type ToolDefinition } from '../../../service/tools/definition.ts';
import type { ToolNeeds } from '../../../service/tools/needs.ts';
import { greetTool, ORDER_VALUES, orderTool } from '../../support/fixture-tools.ts';

const definitions = [greetTool, orderTool];
const { values } = ORDER_VALUES;
const problemsOf = (config: unknown, served?: readonly string[]) =>
  checkToolConfig(definitions, config, served).problems;
const withOrder = (more: object) => ({ order: { ...values, ...more } });
const settings = (more: object) => withOrder({ settings: { ...values.settings, ...more } });

/** The problems of a tool with these needs, for a stage that sets nothing. */
function problemsOfNeeds(needs: ToolNeeds): readonly string[] {
  return checkToolConfig([{ ...greetTool, needs }], {}).problems;
}

describe('the values of a stage', () => {
  test('are checked and completed by defaults', () => {
    const { problems, configs } = checkToolConfig(
      definitions,
      withOrder({ deadlineMs: 900, limitPerMinute: 5 }),
    );
    expect(problems).toEqual([]);
    expect(configs.get('order')).toEqual({
      settings: { apiHost: 'api.corp.example', table: 'orders', most: 10 },
      secrets: {
        apiKey: { scheme: 'env', name: 'ORDER_API_KEY' },
        signingKey: { scheme: 'env', name: 'ORDER_SIGNING_KEY' },
      },
      deadlineMs: 900,
      limitPerMinute: 5,
      hosts: [
        { name: 'api.corp.example', protocol: 'https:', internal: true },
        { name: 'status.example.org', protocol: 'https:', internal: false },
      ],
      awsActions: [
        {
          actions: ['dynamodb:Query'],
          resources: ['arn:aws:dynamodb:eu-west-1:111122223333:table/orders'],
        },
      ],
    });
    expect(configs.get('greet')).toEqual({ settings: {}, secrets: {}, hosts: [], awsActions: [] });
  });

  test('have all their problems reported at once, each with the tool, the member, the rule and the value', () => {
    expect(
      problemsOf({
        ordr: {},
        greet: { settings: { loud: true }, secrets: { apiKey: 'env:X' } },
        order: {
          setings: {},
          apiKey: 'hunter2',
          most: 3,
          settings: { tabel: 'x', apiKey: 'hunter2', most: 500, table: 7 },
          secrets: { apikey: 'env:X', signingKey: 'hunter2' },
          deadlineMs: 10,
          limitPerMinute: '5',
        },
      }),
    ).toEqual([
      'ordr is not a tool (did you mean order?); tools: greet, order',
      'greet.settings.loud is not a setting of the tool; there are no settings',
      'greet.secrets.apiKey is not a secret of the tool; there are no secrets',
      'order.setings is not a member (did you mean settings?); members: settings, secrets, deadlineMs, limitPerMinute',
      'order.apiKey is not a member; it is a secret: write its reference in secrets; members: settings, secrets, deadlineMs, limitPerMinute',
      'order.most is not a member; it is a setting: write it in settings; members: settings, secrets, deadlineMs, limitPerMinute',
      'order.settings.tabel is not a setting of the tool (did you mean table?); settings: apiHost, table, most',
      'order.settings.apiKey is not a setting of the tool; it is a secret: write its reference in order.secrets; settings: apiHost, table, most',
      'order.settings.apiHost is required: Host of the order API',
      'order.settings.table is not valid: Invalid input: expected string, received number, got "7"',
      'order.settings.most is not valid: Too big: expected number to be <=100, got "500"',
      'order.secrets.apikey is not a secret of the tool (did you mean apiKey?); secrets: apiKey, signingKey',
      'order.secrets.apiKey is required: the reference of a secret',
      expect.stringMatching(
        /^order\.secrets\.signingKey must be a secret reference: env:NAME, .*\(value hidden\)$/,
      ),
      'order.deadlineMs must be a whole number from 100 to 50000, got "10"',
      'order.limitPerMinute must be a whole number from 1 to 100000, got "5"',
    ]);
  });

  test('that are missing for a tool without required values are no problem', () => {
    expect(problemsOf({}, ['greet'])).toEqual([]);
  });

  test('are only required for tools that are served, and refused for the others', () => {
    expect(problemsOf(withOrder({}), ['greet'])).toEqual([
      'order is not served here; serve it, or remove its values',
    ]);
  });

  test.each([null, [], 'text', 7])('must be an object, not %j', (config) => {
    expect(problemsOf(config)).toEqual(['the values must be an object with a member for each tool']);
    expect(problemsOf({ greet: config })).toContainEqual(expect.stringMatching(/^greet must be an object/));
    expect(problemsOf(withOrder({ settings: config }))).toContainEqual(
      expect.stringMatching(/^order\.settings must be an object/),
    );
    expect(problemsOf(withOrder({ secrets: config }))).toContainEqual(
      expect.stringMatching(/^order\.secrets must be an object/),
    );
  });

  test.each(['__proto__', 'constructor', 'toString'])('named %s are not those of every object', (name) => {
    const config = JSON.parse(`{"${name}": {}, "greet": {"settings": {"${name}": 1}}}`);
    expect(problemsOf(config, ['greet'])).toEqual([
      `${name} is not a tool; tools: greet, order`,
      `greet.settings.${name} is not a setting of the tool; there are no settings`,
    ]);
    expect(problemsOf(JSON.parse(`{"order": {"secrets": {"${name}": "env:X"}}}`))).toContainEqual(
      expect.stringContaining(`order.secrets.${name} is not a secret`),
    );
  });

  test('of secrets are never repeated, wherever they were pasted', () => {
    const secret = 'hunter2-hunter2-hunter2';
    const login = defineTool({
      name: 'login',
      needs: {
        settings: z.strictObject({
          password: z.enum(['a']).optional(),
          nested: z.strictObject({ token: z.int() }).optional(),
        }),
        secrets: ['key'],
      },
      create: ({ tool }) => tool({ ...({} as ReturnType<typeof tool>) }) as never,
    });
    for (const member of [
      { secrets: { key: secret } },
      { secrets: { [secret]: secret } },
      { settings: { password: secret } },
      { settings: { nested: { token: secret } } },
      { key: secret },
    ]) {
      const { problems } = checkToolConfig([login], { login: member });
      expect(problems.length).toBeGreaterThan(0);
      // The name of a member is repeated, so that it can be found.
      expect(problems.join('\n').replaceAll(`secrets.${secret}`, '')).not.toContain(secret);
    }
  });
});

describe('the hosts of a tool', () => {
  const hostsOf = (needs: ToolNeeds) =>
    checkToolConfig([{ ...greetTool, needs }], {}).configs.get('greet')?.hosts;

  test.each([
    ['api.example.com', { name: 'api.example.com', protocol: 'https:', internal: false }],
    ['API.Example.COM', { name: 'api.example.com', protocol: 'https:', internal: false }],
    ['*.example.com', { name: '*.example.com', protocol: 'https:', internal: false }],
    ['http://api.example.com', { name: 'api.example.com', protocol: 'http:', internal: false }],
    [
      { host: 'api.corp', internal: true },
      { name: 'api.corp', protocol: 'https:', internal: true },
    ],
    [
      { host: 'http://x.local', internal: true },
      { name: 'x.local', protocol: 'http:', internal: true },
    ],
  ])('%j is accepted', (host, expected) => {
    expect(hostsOf({ hosts: [host] })).toEqual([expected]);
    expect(problemsOfNeeds({ hosts: [host] })).toEqual([]);
  });

  test.each([
    '*',
    '',
    'https://api.example.com',
    'api.example.com/path',
    'api.example.com:8443',
    'user@api.example.com',
    'localhost',
    '127.0.0.1',
    '10.0.0.1',
    '[::1]',
    'api.*.com',
    '*.*.example.com',
    'api.example.com.',
    'größe.example.com',
    'a b.example.com',
    'http://http://x.example.com',
    'api.example.com\n',
    'api.corp',
    'metadata.google.internal',
    { host: '*.corp.example', internal: true },
    { host: 'x.localhost', internal: true },
    { host: '10.0.0.1', internal: true },
  ])('%j is refused', (host) => {
    const [problem, ...others] = problemsOfNeeds({ hosts: [host] });
    expect(problem).toMatch(/^greet\.needs\.hosts must /);
    expect(others).toEqual([]);
    expect(hostsOf({ hosts: [host] })).toEqual([]);
  });

  test('that depend on settings are those of valid settings only', () => {
    const { problems, configs } = checkToolConfig(definitions, settings({ apiHost: 7 }));
    expect(problems).toHaveLength(1);
    expect(configs.get('order')?.hosts).toEqual([]);
    expect(problemsOf(settings({ apiHost: '169.254.169.254' }))).toEqual([
      expect.stringMatching(/^order\.needs\.hosts must be host names .*169\.254\.169\.254/),
    ]);
  });

  test('that cannot be computed are a problem of the tool', () => {
    const hosts = () => {
      throw new Error('no region');
    };
    expect(problemsOfNeeds({ hosts })).toEqual(['greet.needs.hosts failed for these settings: no region']);
  });
});

test.each([
  [[], ['arn:aws:s3:::b']],
  [['s3:*'], ['arn:aws:s3:::b']],
  [['*'], ['arn:aws:s3:::b']],
  [['s3:Get*'], ['arn:aws:s3:::b']],
  [['GetObject'], ['arn:aws:s3:::b']],
  [['s3:GetObject'], []],
  [['s3:GetObject'], ['bucket']],
  [['s3:GetObject'], ['*', 'arn:aws:s3:::b']],
])('AWS actions %j on %j are refused', (actions, resources) => {
  expect(problemsOfNeeds({ awsActions: [{ actions, resources }] })).toEqual([
    expect.stringMatching(/^greet\.needs\.awsActions must have /),
  ]);
});

test('AWS actions without a resource are accepted, for the stack to report', () => {
  expect(problemsOfNeeds({ awsActions: [{ actions: ['ec2:DescribeVpcs'], resources: ['*'] }] })).toEqual([]);
});

test.each([
  [[{ ...greetTool, name: 'two words' }], '"two words" must be 1 to 64 of letters, digits, _ and -'],
  [[greetTool, greetTool], 'greet is the name of two tools; rename one'],
  [[{ ...greetTool, needs: { secrets: ['ApiKey'] } }], 'greet.needs.secrets must be a lower-case letter'],
  [[{ ...greetTool, needs: { secrets: ['api_key'] } }], 'greet.needs.secrets must be a lower-case letter'],
  [
    [{ ...greetTool, needs: { secrets: ['k'.repeat(33)] } }],
    'greet.needs.secrets must be a lower-case letter',
  ],
] as [ToolDefinition[], string][])('a tool that no stage can serve is reported: %#', (tools, problem) => {
  expect(checkToolConfig(tools, {}).problems).toContainEqual(expect.stringContaining(problem));
});
