import { describe, expect, test } from '@jest/globals';
import { certificateArn, combinations } from './combinations.ts';
import { hostedZone, stages } from './stages.ts';
import { stack, template } from './synthesize.ts';

describe('domain', () => {
  test('with a hosted zone the certificate is made and proven by DNS, and the name points at the load balancer', () => {
    const found = template(stages.prod);
    found.hasResourceProperties('AWS::CertificateManager::Certificate', {
      DomainName: 'mcp.example.com',
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: 'mcp.example.com', HostedZoneId: hostedZone.id }],
      KeyAlgorithm: 'EC_prime256v1',
    });
    found.hasResourceProperties('AWS::Route53::RecordSet', {
      Name: 'mcp.example.com.',
      Type: 'A',
      HostedZoneId: hostedZone.id,
    });
  });

  test('with a certificate nothing is made, and DNS is left alone', () => {
    const found = template({ ...stages.prod, domain: { domainName: 'mcp.example.com', certificateArn } });
    found.resourceCountIs('AWS::CertificateManager::Certificate', 0);
    found.resourceCountIs('AWS::Route53::RecordSet', 0);
    found.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Certificates: [{ CertificateArn: certificateArn }],
    });
  });

  test('with createRecord false the certificate is made and the name is left alone', () => {
    const found = template(combinations.anyHost);
    found.resourceCountIs('AWS::CertificateManager::Certificate', 1);
    found.resourceCountIs('AWS::Route53::RecordSet', 0);
    found.hasOutput('LoadBalancerDnsName', {});
  });

  test.each([
    [
      { domainName: 'mcp.example.com' },
      'domain must have exactly one of certificateArn and hostedZone, got neither',
    ],
    [{ domainName: 'mcp.example.com', certificateArn, hostedZone }, 'got both'],
    [
      { domainName: 'MCP.example.com', hostedZone },
      'domainName must be a host name in lower case such as mcp.example.com, got "MCP.example.com"',
    ],
    [
      { domainName: `${'a.'.repeat(93)}example.com`, certificateArn },
      'domain.domainName must be at most 196 characters, got 197',
    ],
    [
      { domainName: `${'a'.repeat(60)}.example.com`, hostedZone },
      'domain.domainName must be at most 64 characters with a hostedZone, got',
    ],
    [
      { domainName: 'mcp.example.com', certificateArn: certificateArn.replace('us-east-1', 'eu-west-1') },
      'domain.certificateArn must be in the region of the stage, us-east-1, got "arn:aws:acm:eu-west-1',
    ],
    [
      { domainName: 'mcp.example.com', certificateArn: 'mine' },
      'certificateArn must be the ARN of an ACM certificate, got "mine"',
    ],
    [
      { domainName: 'mcp.example.com', hostedZone: { ...hostedZone, id: 'example' } },
      'hostedZone.id must be the id of a Route 53 zone (Z…), got "example"',
    ],
    [
      { domainName: 'mcp.example.org', hostedZone },
      'hostedZone.name must be mcp.example.org or a parent of it, got "example.com"',
    ],
    [
      { domainName: 'notexample.com', hostedZone },
      'hostedZone.name must be notexample.com or a parent of it, got "example.com"',
    ],
  ])('fails on %j', (domain, message) => {
    expect(() => stack({ ...stages.dev, domain })).toThrow(message);
  });
});
