import { describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ListenerCertificate } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { App, Stack } from 'aws-cdk-lib/core';
import { Edge, type EdgeProps, edgeOptions } from '../../infra/constructs/edge/edge.ts';
import { METADATA_PATHS } from '../../service/environment/bounds.ts';
import { certificateArn } from './combinations.ts';
import { appProps } from './stack.ts';
import { stages } from './stages.ts';
import { all, type Resource, stack, template } from './synthesize.ts';

type Properties = Resource['Properties'];

const oauth = {
  issuer: 'https://issuer.example.com/',
  jwksUrl: 'https://issuer.example.com/keys',
};
const verifyTokens = { audienceFormat: 'single-string' } as const;

function edge(options: Partial<Pick<EdgeProps, 'oauth' | 'verifyTokens'>>): Template {
  const scope = new Stack(new App(appProps), 'Test', { env: { region: 'us-east-1' } });
  const vpc = new Vpc(scope, 'Vpc');
  const taskDefinition = new FargateTaskDefinition(scope, 'Task');
  const image = ContainerImage.fromRegistry('example');
  taskDefinition.addContainer('mcp', { image, portMappings: [{ containerPort: 8443 }] });
  const service = new FargateService(scope, 'Service', {
    cluster: new Cluster(scope, 'Cluster', { vpc }),
    taskDefinition,
    securityGroups: [new SecurityGroup(scope, 'Tasks', { vpc })],
  });
  new Edge(scope, 'Edge', {
    ...edgeOptions.parse({}),
    vpc,
    subnets: vpc.publicSubnets,
    service,
    containerPort: 8443,
    paths: ['/mcp', ...METADATA_PATHS],
    domainName: 'mcp.example.com',
    certificate: ListenerCertificate.fromArn(certificateArn),
    accessLogs: new Bucket(scope, 'Logs'),
    ...options,
  });
  return Template.fromStack(scope);
}

describe('verifyTokens', () => {
  const found = edge({ oauth, verifyTokens });
  const rules: Properties[] = all(found, 'AWS::ElasticLoadBalancingV2::ListenerRule')
    .map(({ Properties }) => Properties)
    .sort((a, b) => a.Priority - b.Priority);

  test('refuses a token of another issuer, a token for another audience, and forwards the others', () => {
    expect(rules[0]?.Actions).toEqual([
      {
        Type: 'jwt-validation',
        Order: 1,
        JwtValidationConfig: {
          Issuer: oauth.issuer,
          JwksEndpoint: oauth.jwksUrl,
          AdditionalClaims: [
            { Name: 'aud', Format: 'single-string', Values: ['https://mcp.example.com/mcp'] },
          ],
        },
      },
      { Type: 'forward', Order: 2, TargetGroupArn: { Ref: expect.stringMatching(/^EdgeTargetGroup/) } },
    ]);
  });

  test('is for requests to /mcp that bring one; metadata, and requests to be challenged, pass', () => {
    expect(rules.map(({ Priority, Conditions }) => [Priority, Conditions])).toEqual([
      [
        5,
        [
          { Field: 'path-pattern', PathPatternConfig: { Values: ['/mcp'] } },
          { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Authorization', Values: ['*'] } },
        ],
      ],
      [10, [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/mcp', ...METADATA_PATHS] } }]],
    ]);
    expect(rules[1]?.Actions.map(({ Type }: Properties) => Type)).toEqual(['forward']);
  });

  test('lets the load balancer fetch the keys, and still nothing else but the tasks', () => {
    const group = all(found, 'AWS::EC2::SecurityGroup').find(
      ({ Properties }) => Properties.SecurityGroupIngress,
    );
    expect(group?.Properties.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
    ]);
  });

  test('takes the audience that the service takes, in the form in which the issuer writes it', () => {
    const other = edge({
      oauth: { ...oauth, audience: 'mcp' },
      verifyTokens: { audienceFormat: 'string-array' },
    });
    const claims = all(other, 'AWS::ElasticLoadBalancingV2::ListenerRule').flatMap(
      ({ Properties }) => Properties.Actions[0].JwtValidationConfig?.AdditionalClaims ?? [],
    );
    expect(claims).toEqual([{ Name: 'aud', Format: 'string-array', Values: ['mcp'] }]);
  });

  test.each<[Pick<EdgeProps, 'oauth' | 'verifyTokens'>, string]>([
    [{ verifyTokens }, 'edge.verifyTokens needs task.oauth with a jwksUrl, got no task.oauth'],
    [
      { verifyTokens, oauth: { issuer: oauth.issuer } },
      'edge.verifyTokens needs task.oauth with a jwksUrl, got none',
    ],
    [
      { verifyTokens, oauth: { ...oauth, audience: 'a'.repeat(257) } },
      'task.oauth.audience must be at most 256 characters with edge.verifyTokens',
    ],
  ])('fails on %j', (options, message) => {
    expect(() => edge(options)).toThrow(message);
  });

  test('takes the audience only in a form that the load balancer knows', () => {
    const verifyTokens = { audienceFormat: 'array' as 'string-array' };
    expect(() => stack({ ...stages.dev, edge: { verifyTokens } })).toThrow(
      'edge.verifyTokens.audienceFormat must be one of single-string, string-array, got "array"',
    );
  });

  test('is off unless asked for', () => {
    const [rule] = all(edge({ oauth }), 'AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(rule?.Properties.Actions.map(({ Type }: Properties) => Type)).toEqual(['forward']);
    expect(JSON.stringify(template(stages.prod).toJSON())).not.toContain('jwt-validation');
    expect(() => stack({ ...stages.dev, edge: { verifyTokens } })).toThrow('edge.verifyTokens needs');
  });
});
