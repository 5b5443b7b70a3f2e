import { every, must, type Rule } from './rule.ts';
import { attributesOf, listOf } from './synthesized-template.ts';

const BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const made = { file: 'infra/constructs/edge.ts', test: 'test/infra/edge.test.ts' };

/** A check that an attribute of each load balancer has a value. */
function balancerAttribute(key: string, wanted: string): Rule['check'] {
  return every(BALANCER, ({ LoadBalancerAttributes }) => [
    must(key, attributesOf(LoadBalancerAttributes)[key], wanted),
  ]);
}

export const edgeRules: readonly Rule[] = [
  {
    id: 'HttpsOnly',
    control: 'Every listener speaks HTTPS with a certificate; port 80 is closed',
    fsbp: ['ELB.1', 'ELB.18'],
    ...made,
    check: every(LISTENER, ({ Protocol, Certificates }) => [
      must('Protocol', Protocol, 'HTTPS'),
      listOf(Certificates).length === 0 && 'Certificates must name one',
    ]),
  },
  {
    id: 'StrictTlsPolicy',
    control: 'TLS 1.3 and 1.2 with forward secrecy and post-quantum key exchange, nothing older',
    fsbp: ['ELB.17'],
    ...made,
    check: every(LISTENER, ({ SslPolicy }) => [
      !/^ELBSecurityPolicy-TLS13-1-[23](?:-Res)?-PQ-2025-09$/.test(SslPolicy ?? '') &&
        `SslPolicy must be a restricted post-quantum policy, got ${SslPolicy ?? 'nothing'}`,
    ]),
  },
  {
    id: 'NothingByDefault',
    control:
      'A request that no rule of a listener knows is answered by the load balancer and reaches no task',
    fsbp: [],
    ...made,
    check: every(LISTENER, ({ DefaultActions }) => [
      ...listOf(DefaultActions).map(({ Type }) => must('DefaultActions.Type', Type, 'fixed-response')),
      listOf(DefaultActions).length === 0 && 'DefaultActions must have one',
    ]),
  },
  {
    id: 'OnlyProtocolForwarded',
    control: 'Only the paths of the protocol are forwarded to a task',
    fsbp: [],
    ...made,
    check: every('AWS::ElasticLoadBalancingV2::ListenerRule', ({ Conditions }) => {
      const paths = listOf(Conditions)
        .filter(({ Field }) => Field === 'path-pattern')
        .flatMap(({ PathPatternConfig }) => listOf(PathPatternConfig?.Values).map(String));
      return [
        paths.length === 0 && 'Conditions must name paths',
        ...paths.map(
          (path) =>
            !/^\/mcp$|^\/\.well-known\/oauth-protected-resource(?:\/mcp)?$/.test(path) &&
            `${path} must not be forwarded`,
        ),
      ];
    }),
  },
  {
    id: 'AudienceVerified',
    control: 'Where the load balancer checks tokens, it checks for whom they are',
    fsbp: [],
    file: 'infra/lib/verify-tokens.ts',
    test: 'test/infra/verify-tokens.test.ts',
    check: every('AWS::ElasticLoadBalancingV2::ListenerRule', ({ Actions }) =>
      listOf(Actions).map(
        ({ Type, JwtValidationConfig }) =>
          Type === 'jwt-validation' &&
          !listOf(JwtValidationConfig?.AdditionalClaims).some(({ Name }) => Name === 'aud') &&
          'JwtValidationConfig.AdditionalClaims must have aud',
      ),
    ),
  },
  {
    id: 'ResponseHeaders',
    control: 'Every answer carries HSTS, CSP, nosniff and frame denial, and does not name the server',
    fsbp: [],
    ...made,
    check: every(LISTENER, ({ ListenerAttributes }) => {
      const attributes = attributesOf(ListenerAttributes);
      const header = (name: string) => attributes[`routing.http.response.${name}.header_value`];
      const hsts = /^max-age=(\d+)/.exec(String(header('strict_transport_security')))?.[1];
      return [
        !(Number(hsts) >= 31_536_000) && 'strict_transport_security must be a year or more',
        !String(header('content_security_policy')).includes("default-src 'none'") &&
          "content_security_policy must have default-src 'none'",
        must('x_content_type_options', header('x_content_type_options'), 'nosniff'),
        must('x_frame_options', header('x_frame_options'), 'DENY'),
        must('server.enabled', attributes['routing.http.response.server.enabled'], 'false'),
      ];
    }),
  },
  {
    id: 'InvalidHeadersDropped',
    control: 'Header fields with invalid names never reach a task',
    fsbp: ['ELB.4'],
    ...made,
    check: balancerAttribute('routing.http.drop_invalid_header_fields.enabled', 'true'),
  },
  {
    id: 'StrictestDesync',
    control: 'Requests that two servers could read in two ways are refused',
    fsbp: ['ELB.12'],
    ...made,
    check: balancerAttribute('routing.http.desync_mitigation_mode', 'strictest'),
  },
  {
    id: 'HostHeaderPreserved',
    control: 'The service sees the Host that the client sent, and checks it',
    fsbp: [],
    ...made,
    check: balancerAttribute('routing.http.preserve_host_header.enabled', 'true'),
  },
  {
    id: 'FirewallFailsClosed',
    control: 'A firewall that cannot be asked lets nothing through',
    fsbp: [],
    ...made,
    check: balancerAttribute('waf.fail_open.enabled', 'false'),
  },
  {
    id: 'AccessLogged',
    control: 'Every request and every connection is logged to a bucket of the stack',
    fsbp: ['ELB.5'],
    ...made,
    check: every(BALANCER, ({ LoadBalancerAttributes }, template) => {
      const attributes = attributesOf(LoadBalancerAttributes);
      return ['access_logs', 'connection_logs'].flatMap((log) => [
        must(`${log}.s3.enabled`, attributes[`${log}.s3.enabled`], 'true'),
        !template.names(attributes[`${log}.s3.bucket`], 'AWS::S3::Bucket') &&
          `${log}.s3.bucket must be a bucket of this template`,
      ]);
    }),
  },
  {
    id: 'DeletionProtected',
    control: 'In production nobody deletes the load balancer without lifting its protection first',
    fsbp: ['ELB.6'],
    ...made,
    check: (template) =>
      template.production ? balancerAttribute('deletion_protection.enabled', 'true')(template) : [],
  },
  {
    id: 'TwoZones',
    control: 'The load balancer stands in two zones at least',
    fsbp: ['ELB.13'],
    ...made,
    check: every(BALANCER, ({ Subnets }) => [
      new Set(listOf(Subnets).map((subnet) => JSON.stringify(subnet))).size < 2 &&
        'Subnets must be two or more',
    ]),
  },
  {
    id: 'IdleBelowKeepAlive',
    control:
      'The load balancer gives an idle connection up before the service closes it (75 s), after the longest scrape (50 s)',
    fsbp: [],
    ...made,
    check: every(BALANCER, ({ LoadBalancerAttributes }) => {
      const idle = Number(attributesOf(LoadBalancerAttributes)['idle_timeout.timeout_seconds']);
      return [!(idle > 50 && idle < 75) && `idle_timeout.timeout_seconds must be 51 to 74, got ${idle}`];
    }),
  },
];
