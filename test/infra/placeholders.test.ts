import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { App, CfnWaitConditionHandle, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib/core';
import { placeholdersIn } from '../../infra/lib/placeholders.ts';
import { placeholderNotice, refusePlaceholders } from '../../infra/refuse-placeholders.ts';
import { referencesIn } from '../../infra/rules/synthesized-template.ts';
import type { StageConfig } from '../../infra/stage-config.ts';
import { appProps } from './stack.ts';
import { stages } from './stages.ts';
import { stack, template } from './synthesize.ts';

const replaced: StageConfig = {
  region: 'us-east-1',
  domain: { domainName: 'mcp.acme.io', hostedZone: { id: 'Z08157211ABCDEFGHIJKL', name: 'acme.io' } },
  secrets: {
    clients: [{ clientId: 'ci', scopes: ['scrape'], principalArn: 'arn:aws:iam::210987654321:role/ci' }],
  },
  task: { allowedDomains: ['example.com', '*.example.com'] },
  dnsFirewall: { additionalDomains: ['api.example.com'] },
};

// biome-ignore lint/suspicious/noExplicitAny: a template has no types
const rulesOf = (config: StageConfig): any => template(config).toJSON()['Rules'];

describe('an example value', () => {
  test.each([
    'example.com',
    'mcp.example.org',
    'https://login.example.com/tenant/',
    'oncall@EXAMPLE.net',
    'arn:aws:iam::123456789012:role/ci',
    '111122223333.dkr.ecr.us-east-1.amazonaws.com/mcp@sha256:0',
    'Z0123456789EXAMPLE',
  ])('is known: %s', (value) => {
    expect(placeholdersIn({ group: { list: [{ option: value }] } })).toEqual([
      { option: 'group.list[0].option', value },
    ]);
  });

  test.each([
    'notexample.com',
    'my-example.com',
    'example.com.acme.io',
    'example.community',
    'arn:aws:iam::210987654321:role/example',
    '41234567890123',
    'desk.example@team',
    'Z08157211ABCDEFGHIJKL',
  ])('is not %s', (value) => {
    expect(placeholdersIn({ value })).toEqual([]);
  });

  test('may be a host that tasks reach: example.com is a web site', () => {
    expect(placeholdersIn(replaced)).toEqual([]);
  });
});

describe('a stage with example values', () => {
  test('is refused by CloudFormation before its first resource, with the list of them', () => {
    const [{ Assert, AssertDescription }] = rulesOf(stages.prod).NoPlaceholders.Assertions;
    expect(Assert).toEqual({ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'no placeholder is left'] });
    for (const { option, value } of placeholdersIn(stages.prod)) {
      expect(AssertDescription).toContain(`${option} (${value})`);
    }
    expect(AssertDescription).toContain('domain.domainName (mcp.example.com)');
  });

  test('is refused as well by a template without the parameter of the bootstrap version', () => {
    const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
    const bare = new Stack(new App(appProps), 'Bare', { synthesizer });
    new CfnWaitConditionHandle(bare, 'Resource');
    refusePlaceholders(bare, placeholdersIn(stages.prod));
    const { Parameters = {}, Rules } = Template.fromStack(bare).toJSON();
    expect(Rules).toHaveProperty('NoPlaceholders');
    const defined = [...Object.keys(Parameters), 'AWS::Region'];
    expect(referencesIn(Rules).filter((name) => !defined.includes(name))).toEqual([]);
  });

  test('is named by one notice, each value on a line', () => {
    const stacks = Object.entries(stages).map(([name, config]) => stack(config, `Mcp-${name}`));
    const lines = placeholderNotice(stacks).split('\n');
    expect(lines.filter((line) => line.startsWith('  Mcp-'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}Mcp-dev +domain\.hostedZone\.id +Z0123456789EXAMPLE$/),
        expect.stringMatching(/^ {2}Mcp-prod +monitoring\.email +oncall@example\.com$/),
      ]),
    );
    expect(lines).toHaveLength(3 + Object.values(stages).flatMap((stage) => placeholdersIn(stage)).length);
  });
});

test('a stage without example values has no rule and no notice', () => {
  expect(rulesOf(replaced) ?? {}).not.toHaveProperty('NoPlaceholders');
  expect(placeholderNotice([{ stackName: 'Mcp-prod', placeholders: placeholdersIn(replaced) }])).toBe('');
});
