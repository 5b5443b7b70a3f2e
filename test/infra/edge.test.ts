import { describe, expect, test } from '@jest/globals';
import { stages } from './stages.ts';
import { all, only, resources, stack, stageNames, template } from './synthesize.ts';

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

  test('serves TLS 1.2 and 1.3 with post-quantum key exchange on 443, and no other port', () => {
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

  test('appends the address it saw to what clients say of theirs', () => {
    expect(balancerAttributes).toMatchObject({ 'routing.http.xff_header_processing.mode': 'append' });
  });

  test('logs requests and connections', () => {
    expect(balancerAttributes).toMatchObject({
      'access_logs.s3.enabled': 'true',
      'access_logs.s3.bucket': { Ref: expect.stringMatching(/^AccessLogs/) },
      'connection_logs.s3.enabled': 'true',
      'connection_logs.s3.bucket': { Ref: expect.stringMatching(/^AccessLogs/) },
    });
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

  test('forwards the path of the protocol only, and answers 404 to all else', () => {
    expect(listener.DefaultActions).toEqual([
      expect.objectContaining({
        Type: 'fixed-response',
        FixedResponseConfig: expect.objectContaining({ StatusCode: '404' }),
      }),
    ]);
    const rule = only(found, 'AWS::ElasticLoadBalancingV2::ListenerRule').Properties;
    expect(rule.Conditions).toEqual([{ Field: 'path-pattern', PathPatternConfig: { Values: ['/mcp'] } }]);
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

  test('waits longer than any scrape, less than the keep-alive of the service, and lets it drain', () => {
    const idle = Number(balancerAttributes['idle_timeout.timeout_seconds']);
    expect(idle).toBeGreaterThan(50);
    expect(idle).toBeLessThan(75);
    const delay = Number(targetAttributes['deregistration_delay.timeout_seconds']);
    expect(delay).toBeGreaterThanOrEqual(25);
    const [container] = only(found, 'AWS::ECS::TaskDefinition').Properties.ContainerDefinitions;
    expect(container.StopTimeout).toBeGreaterThan(delay);
  });

  test('lets in 443 from the internet and out to the tasks on 8443, nothing else', () => {
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
    [[], 'edge.allowedCidrs must name at least one range, got none'],
    [
      ['192.0.2.0'],
      'edge.allowedCidrs must be an IPv4 range from /0 to /32 without host bits, such as 192.0.2.0/24, got "192.0.2.0"',
    ],
    [['192.0.2.1/24'], 'without host bits, such as 192.0.2.0/24, got "192.0.2.1/24"'],
    [['256.0.2.0/24'], 'edge.allowedCidrs must be an IPv4 range'],
    [['192.0.02.0/24'], 'edge.allowedCidrs must be an IPv4 range'],
    [['192.0.2.0/33'], 'edge.allowedCidrs must be an IPv4 range'],
    [['2001:db8::/32'], 'edge.allowedCidrs must be an IPv4 range'],
  ])('fails when allowedCidrs is %j', (allowedCidrs, message) => {
    expect(() => stack({ ...stages.dev, edge: { allowedCidrs } })).toThrow(message);
  });
});
