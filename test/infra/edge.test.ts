import { describe, expect, test } from '@jest/globals';
import type { StageConfig } from '../../infra/stage-config.ts';
import { METADATA_PATHS } from '../../service/environment/bounds.ts';
import { hasMetadata } from './combinations.ts';
import { stages } from './stages.ts';
import { all, only, type Resource, resources, stack, stageNames, template } from './synthesize.ts';

type Statement = Resource['Properties'];

function attributes(list: { Key: string; Value: unknown }[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

describe.each(stageNames)('the edge of %s', (name) => {
  const found = template(stages[name]);
  const balancer = only(found, 'AWS::ElasticLoadBalancingV2::LoadBalancer').Properties;
  const listener = only(found, 'AWS::ElasticLoadBalancingV2::Listener').Properties;
  const target = only(found, 'AWS::ElasticLoadBalancingV2::TargetGroup').Properties;
  const balancerAttributes = attributes(balancer.LoadBalancerAttributes);
  const targetAttributes = attributes(target.TargetGroupAttributes);

  test('serves TLS 1.2 and 1.3 on 443, with post-quantum key exchange for clients that have it, and no other port', () => {
    expect(listener).toMatchObject({
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09',
    });
    expect(listener.Certificates).toHaveLength(1);
  });

  test('drops invalid headers, keeps the Host, is strictest about desync and fails closed without the firewall', () => {
    expect(balancerAttributes).toMatchObject({
      'routing.http.drop_invalid_header_fields.enabled': 'true',
      'routing.http.desync_mitigation_mode': 'strictest',
      'waf.fail_open.enabled': 'false',
      // The service checks the Host that the client sent.
      'routing.http.preserve_host_header.enabled': 'true',
    });
  });

  test('adds the address of who connects to X-Forwarded-For, last and without a port', () => {
    expect(balancerAttributes).toMatchObject({
      'routing.http.xff_header_processing.mode': 'append',
      'routing.http.xff_client_port.enabled': 'false',
    });
  });

  test('can be led away from a zone that fails', () => {
    expect(balancerAttributes['zonal_shift.config.enabled']).toBe('true');
    expect(new Set(balancer.Subnets.map((subnet: object) => JSON.stringify(subnet))).size).toBe(2);
  });

  test.each(['access', 'connection', 'health-check'])('writes %s logs where it may', (log) => {
    const kind = `${log.replace('-', '_')}_logs.s3`;
    expect(balancerAttributes).toMatchObject({
      [`${kind}.enabled`]: 'true',
      [`${kind}.bucket`]: { Ref: expect.stringMatching(/^AccessLogs/) },
      [`${kind}.prefix`]: log,
    });
    const { Statement } = only(found, 'AWS::S3::BucketPolicy').Properties.PolicyDocument;
    const writable = Statement.filter(
      ({ Action, Effect }: Statement) => Action === 's3:PutObject' && Effect === 'Allow',
    );
    expect(JSON.stringify(writable)).toContain(`/${log}/AWSLogs/`);
  });

  test('answers with security headers and does not name its software', () => {
    expect(attributes(listener.ListenerAttributes)).toEqual({
      'routing.http.response.strict_transport_security.header_value': 'max-age=63072000',
      'routing.http.response.content_security_policy.header_value':
        "default-src 'none'; frame-ancestors 'none'",
      'routing.http.response.x_content_type_options.header_value': 'nosniff',
      'routing.http.response.x_frame_options.header_value': 'DENY',
      'routing.http.response.server.enabled': 'false',
    });
  });

  test('forwards the paths of the protocol only, and answers 404 to all else', () => {
    expect(listener.DefaultActions).toEqual([
      expect.objectContaining({
        Type: 'fixed-response',
        FixedResponseConfig: expect.objectContaining({ StatusCode: '404' }),
      }),
    ]);
    const paths = ['/mcp', ...(hasMetadata(stages[name]) ? METADATA_PATHS : [])];
    const rule = only(found, 'AWS::ElasticLoadBalancingV2::ListenerRule').Properties;
    expect(rule.Conditions).toEqual([{ Field: 'path-pattern', PathPatternConfig: { Values: paths } }]);
    expect(rule.Actions).toEqual([expect.objectContaining({ Type: 'forward' })]);
  });

  test('speaks HTTPS to the task, for requests and for health checks', () => {
    expect(target).toMatchObject({
      Protocol: 'HTTPS',
      Port: 8443,
      TargetType: 'ip',
      HealthCheckProtocol: 'HTTPS',
      HealthCheckPath: '/healthz',
      Matcher: { HttpCode: '200' },
    });
  });

  test('binds no client to a task', () => {
    expect(targetAttributes['stickiness.enabled']).toBe('false');
  });

  test('accepts 443 from the internet, connects to the tasks on 8443, and nothing else', () => {
    const group = Object.entries(resources(found, 'AWS::EC2::SecurityGroup')).find(([id]) =>
      id.startsWith('EdgeSecurity'),
    );
    expect(group?.[1].Properties.SecurityGroupIngress).toEqual([
      expect.objectContaining({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 }),
    ]);
    expect(group?.[1].Properties.SecurityGroupEgress).toEqual([
      { CidrIp: '255.255.255.255/32', IpProtocol: 'icmp', FromPort: 252, ToPort: 86 },
    ]);
    expect(all(found, 'AWS::EC2::SecurityGroupEgress').map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({
        GroupId: { 'Fn::GetAtt': [group?.[0], 'GroupId'] },
        DestinationSecurityGroupId: {
          'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'],
        },
        IpProtocol: 'tcp',
        FromPort: 8443,
        ToPort: 8443,
      }),
    ]);
  });

  test(`is ${name === 'prod' ? '' : 'not '}protected from deletion`, () => {
    expect(balancerAttributes['deletion_protection.enabled']).toBe(String(name === 'prod'));
  });
});

describe('edge options', () => {
  test('allowedCidrs replace the internet', () => {
    const found = template({ ...stages.prod, edge: { allowedCidrs: ['192.0.2.0/24', '198.51.100.7/32'] } });
    const group = all(found, 'AWS::EC2::SecurityGroup').find(
      ({ Properties }) => Properties.SecurityGroupIngress,
    );
    expect(group?.Properties.SecurityGroupIngress.map(({ CidrIp }: { CidrIp: string }) => CidrIp)).toEqual([
      '192.0.2.0/24',
      '198.51.100.7/32',
    ]);
  });

  test.each([
    [[], 'edge.allowedCidrs must be a list of 1 to 60, got 0'],
    [
      ['192.0.2.0'],
      'edge.allowedCidrs must be an IPv4 range from /0 to /32 without host bits, such as 192.0.2.0/24, got "192.0.2.0"',
    ],
    [['192.0.2.1/24'], 'without host bits, such as 192.0.2.0/24, got "192.0.2.1/24"'],
    [['256.0.2.0/24'], 'edge.allowedCidrs must be an IPv4 range'],
    [['192.0.02.0/24'], 'edge.allowedCidrs must be an IPv4 range'],
    [['192.0.2.0/33'], 'edge.allowedCidrs must be an IPv4 range'],
    [['2001:db8::/32'], 'edge.allowedCidrs must be an IPv4 range'],
    [
      Array.from({ length: 61 }, (_, index) => `192.0.2.${index}/32`),
      'edge.allowedCidrs must be a list of 1 to 60, got 61',
    ],
  ])('fails when allowedCidrs is %j', (allowedCidrs, message) => {
    expect(() => stack({ ...stages.dev, edge: { allowedCidrs } })).toThrow(message);
  });

  test('mutualTls lets only clients with a certificate of the bundle connect', () => {
    const found = template({
      ...stages.prod,
      edge: {
        mutualTls: {
          caBundle: 's3://pki/ca/2026.pem',
          revocationLists: ['s3://pki/crl/1.pem', 's3://pki/2'],
        },
      },
    });
    expect(only(found, 'AWS::ElasticLoadBalancingV2::TrustStore').Properties).toMatchObject({
      CaCertificatesBundleS3Bucket: 'pki',
      CaCertificatesBundleS3Key: 'ca/2026.pem',
    });
    const TrustStoreArn = {
      'Fn::GetAtt': [expect.stringMatching(/^EdgeTrustStore/), 'TrustStoreArn'],
    };
    const listener = only(found, 'AWS::ElasticLoadBalancingV2::Listener');
    expect(listener.Properties.MutualAuthentication).toEqual({
      Mode: 'verify',
      TrustStoreArn,
      IgnoreClientCertificateExpiry: false,
    });
    const [[id, revocation]] = Object.entries(
      resources(found, 'AWS::ElasticLoadBalancingV2::TrustStoreRevocation'),
    ) as [[string, Resource]];
    expect(revocation.Properties).toEqual({
      TrustStoreArn,
      RevocationContents: [
        { S3Bucket: 'pki', S3Key: 'crl/1.pem' },
        { S3Bucket: 'pki', S3Key: '2' },
      ],
    });
    // No client connects before the revoked certificates are known.
    expect(listener.DependsOn).toContain(id);
  });

  test('without mutualTls no client is asked for a certificate, also after mutualTls is removed', () => {
    const found = template(stages.prod);
    found.resourceCountIs('AWS::ElasticLoadBalancingV2::TrustStore', 0);
    const listener = only(found, 'AWS::ElasticLoadBalancingV2::Listener').Properties;
    expect(listener.MutualAuthentication).toEqual({ Mode: 'off' });
  });

  test.each([
    [
      { caBundle: 'ca.pem' },
      'edge.mutualTls.caBundle must be s3://BUCKET/KEY of an object in the region of the stage, got "ca.pem"',
    ],
    [{ caBundle: 's3://pki' }, 'edge.mutualTls.caBundle must be'],
    [
      { caBundle: 's3://pki/ca.pem', revocationLists: ['https://pki.example.com/crl'] },
      'edge.mutualTls.revocationLists must be s3://BUCKET/KEY',
    ],
    [{}, 'edge.mutualTls.caBundle must be'],
  ])('fails when mutualTls is %j', (mutualTls, message) => {
    const edge = { mutualTls } as StageConfig['edge'];
    expect(() => stack({ ...stages.dev, edge })).toThrow(message);
  });
});
