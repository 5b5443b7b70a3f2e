import { every, must, type Rule } from './rule.ts';
import { attributesOf, listOf, taskVariable } from './synthesized-template.ts';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const TARGETS = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const TRUST = 'AWS::ElasticLoadBalancingV2::TrustStore';
const made = { file: 'infra/constructs/edge/edge.ts' };

const CSP = "default-src 'none'; frame-ancestors 'none'";

export const listenerRules: readonly Rule[] = [
  {
    id: 'HttpsOnly',
    control: 'Every listener uses HTTPS with a certificate; port 80 is closed',
    fsbp: ['ELB.1', 'ELB.18'],
    ...made,
    check: every(LISTENER, ({ Protocol, Certificates }) => [
      must('Protocol', Protocol, 'HTTPS'),
      listOf(Certificates).length === 0 && 'Certificates must name one',
    ]),
  },
  {
    id: 'StrictTlsPolicy',
    control:
      'TLS 1.3 and 1.2 with forward secrecy, and post-quantum key exchange for clients that have it; nothing older',
    fsbp: ['ELB.17'],
    ...made,
    check: every(LISTENER, ({ SslPolicy }) => [
      !/^ELBSecurityPolicy-TLS13-1-[23](?:-Res)?-PQ-2025-09$/.test(SslPolicy ?? '') &&
        `SslPolicy must be a restricted post-quantum policy, got ${SslPolicy ?? 'nothing'}`,
    ]),
  },
  {
    id: 'FixedResponseByDefault',
    control:
      'A request that matches no listener rule gets a fixed response from the load balancer and reaches no task',
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
    check: every(RULE, ({ Conditions, Actions, Transforms }, template) => {
      const paths = listOf(Conditions)
        .filter(({ Field }) => Field === 'path-pattern')
        .flatMap(({ PathPatternConfig: { Values, RegexValues } = {} }) =>
          [...listOf(Values), ...listOf(RegexValues)].map(String),
        );
      return [
        paths.length === 0 && 'Conditions must name paths',
        listOf(Transforms).length > 0 && 'Transforms must be absent',
        ...listOf(Actions).map(
          ({ Type, TargetGroupArn }) =>
            Type !== 'jwt-validation' &&
            !(Type === 'forward' && template.names(TargetGroupArn, TARGETS)) &&
            'Actions must forward to a target group of this template',
        ),
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
    control: 'If the load balancer checks tokens, it checks their audience',
    fsbp: [],
    file: 'infra/constructs/edge/verify-tokens.ts',
    check: every(RULE, ({ Actions }, template) =>
      listOf(Actions)
        .filter(({ Type }) => Type === 'jwt-validation')
        .flatMap(({ JwtValidationConfig: { Issuer, AdditionalClaims } }) => {
          const audiences = listOf(AdditionalClaims)
            .filter(({ Name }) => Name === 'aud')
            .flatMap(({ Values }) => listOf(Values).map(String));
          const wanted =
            taskVariable(template, 'MCP_OAUTH_AUDIENCE') || taskVariable(template, 'MCP_PUBLIC_URL');
          return [
            must('the audience of JwtValidationConfig', audiences, [wanted]),
            must('JwtValidationConfig.Issuer', Issuer, taskVariable(template, 'MCP_OAUTH_ISSUER')),
          ];
        }),
    ),
  },
  {
    id: 'ResponseHeaders',
    control: 'Every response has HSTS, CSP, nosniff and frame denial, and does not name the server',
    fsbp: [],
    ...made,
    check: every(LISTENER, ({ ListenerAttributes }) => {
      const attributes = attributesOf(ListenerAttributes);
      const header = (name: string) => attributes[`routing.http.response.${name}.header_value`];
      const hsts = /^max-age=(\d+)/.exec(String(header('strict_transport_security')))?.[1];
      return [
        !(Number(hsts) >= 31_536_000) && 'strict_transport_security must be a year or more',
        must('content_security_policy', header('content_security_policy'), CSP),
        ...Object.keys(attributes).map(
          (key) =>
            key.includes('.access_control_') && `${key} must be absent: the service decides about origins`,
        ),
        must('x_content_type_options', header('x_content_type_options'), 'nosniff'),
        must('x_frame_options', header('x_frame_options'), 'DENY'),
        must('server.enabled', attributes['routing.http.response.server.enabled'], 'false'),
      ];
    }),
  },
  {
    id: 'CertificatesVerified',
    control: 'With a trust store, every listener requires a valid client certificate of it',
    fsbp: [],
    file: 'infra/constructs/edge/mutual-tls.ts',
    check: (template) =>
      template.all(TRUST).length === 0
        ? []
        : every(LISTENER, ({ MutualAuthentication: asked }) => [
            must('MutualAuthentication.Mode', asked?.Mode, 'verify'),
            !template.names(asked?.TrustStoreArn, TRUST) &&
              'MutualAuthentication.TrustStoreArn must be of this template',
            asked?.IgnoreClientCertificateExpiry === true && 'IgnoreClientCertificateExpiry must not be true',
          ])(template),
  },
];
