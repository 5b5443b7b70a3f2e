import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import { App, Stack } from 'aws-cdk-lib/core';
import { jobs } from './support/workflows.ts';

const [, job] = jobs.find(([where]) => where === 'deploy.yml deploy') ?? [];
const steps = job?.steps ?? [];
const expression = (of: string) => `\${{ ${of} }}`;

describe('deploy.yml', () => {
  test('does nothing unless it is set up, and deploys only main', () => {
    expect(job?.if).toBe("vars.AWS_REGION != '' && github.ref == 'refs/heads/main'");
    const [look, ...others] = steps;
    expect(look?.run).toContain('::notice::');
    expect(others.filter((step) => step.if !== 'steps.role.outputs.given')).toEqual([]);
  });

  test('installs and synthesizes before it has credentials; then it runs only the CDK CLI, on the synthesized templates', () => {
    const credentials = steps.findIndex(({ uses }) =>
      uses?.startsWith('aws-actions/configure-aws-credentials@'),
    );
    const commands = (of: typeof steps) =>
      of.flatMap(({ run }) =>
        [...(run ?? '').matchAll(/\b(?:npm|npx) .*?(?= 2>&1|$)/gm)].map(([text]) => text),
      );
    expect(commands(steps.slice(0, credentials))).toEqual([
      'npm ci --ignore-scripts',
      'npx cdk synth --quiet --strict -c stage="$STAGE"',
    ]);
    expect(commands(steps.slice(credentials))).toEqual([
      'npx cdk diff --no-color --app cdk.out --method=template',
      'npx cdk deploy --app cdk.out --require-approval never --progress events',
    ]);
  });

  test('gets its credentials from the role of its environment, never from a key', () => {
    const [action] = steps.filter(({ uses }) => uses?.startsWith('aws-actions/'));
    expect(action?.with).toEqual({
      'role-to-assume': expression('vars.AWS_DEPLOY_ROLE_ARN'),
      'aws-region': expression('vars.AWS_REGION'),
      'role-session-name': `deploy-${expression('github.run_id')}`,
    });
    expect(job?.environment).toBe(expression("inputs.stage || 'dev'"));
  });
});

describe('its role', () => {
  const stack = new Stack(new App(), 'Role');
  const templateFile = join(import.meta.dirname, '../../.github/deploy-role.yaml');
  const include = new CfnInclude(stack, 'Template', { templateFile });
  const template = Template.fromStack(stack);
  const [role = {}] = Object.values(template.findResources('AWS::IAM::Role'));
  const parameter = (name: string) => `\${${name}}`;

  test('trusts one environment of one repository', () => {
    expect(role['Properties'].AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: { 'Fn::If': ['NoProvider', { Ref: 'Provider' }, { Ref: 'ProviderArn' }] } },
        Condition: {
          StringEquals: {
            'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
            'token.actions.githubusercontent.com:sub': {
              'Fn::Sub': `repo:${parameter('Repository')}:environment:${parameter('Environment')}`,
            },
          },
        },
      },
    ]);
  });

  test('may only assume the four roles of cdk bootstrap in its region', () => {
    const account = parameter('AWS::AccountId');
    const roles = `arn:${parameter('AWS::Partition')}:iam::${account}:role/cdk-${parameter('Qualifier')}`;
    const arn = (name: string) => ({
      'Fn::Sub': `${roles}-${name}-role-${account}-${parameter('AWS::Region')}`,
    });
    const { Policies, ManagedPolicyArns } = role['Properties'];
    expect(ManagedPolicyArns).toBeUndefined();
    expect(Policies).toHaveLength(1);
    expect(Policies[0].PolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Resource: ['deploy', 'file-publishing', 'image-publishing', 'lookup'].map(arn),
      },
    ]);
    expect(Object.keys(template.toJSON()['Resources'])).toEqual(['Provider', 'Role']);
  });

  test.each([
    ['Repository', 'octo-org@123456/hardened.mcp@456789', true],
    ['Repository', 'octo-org/hardened-mcp', false],
    ['Repository', 'octo-org@123456/*', false],
    ['Repository', 'octo-org@123456/a@1:ref:refs/heads/main', false],
    ['Environment', 'prod', true],
    ['Environment', '*', false],
    ['Environment', 'prod:ref', false],
    ['ProviderArn', '', true],
    ['ProviderArn', 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com', true],
    ['ProviderArn', 'arn:aws:iam::123456789012:oidc-provider/example.com', false],
  ])('accepts as %s %s: %s', (name, value, taken) => {
    // CloudFormation matches the whole value.
    const pattern = new RegExp(`^(?:${include.getParameter(name).allowedPattern})$`);
    expect(pattern.test(value)).toBe(taken);
  });
});
