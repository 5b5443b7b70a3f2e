import { type ISubnet, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  type CfnListener,
  DesyncMitigationMode,
  type IListenerCertificate,
  ListenerAction,
  ListenerCondition,
  Protocol,
  SslPolicy,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
  XffHeaderProcessingMode,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct, type IDependable } from 'constructs';
import * as z from 'zod';
import { HEALTH_PATH } from '../../../service/environment/bounds.ts';
import { acknowledge } from '../../lib/acknowledge.ts';
import { denyAllEgress } from '../../lib/deny-all-egress.ts';
import { NOT_FOUND } from '../../lib/not-found.ts';
import type { OAuthOptions } from '../../lib/oauth.ts';
import { problem } from '../../lib/option-error.ts';
import { cidr, listOf, oneOf } from '../../lib/option-types.ts';
import { TIMEOUTS } from '../../lib/timeouts.ts';
import { LISTENER_ATTRIBUTES, LOAD_BALANCER_ATTRIBUTES } from './load-balancer-attributes.ts';
import { enableAccessLogs } from './load-balancer-logs.ts';
import { mutualTls, mutualTlsOptions } from './mutual-tls.ts';
import { tokenValidation, VerifyToken, verifyTokensOptions } from './verify-tokens.ts';

/** No private network is larger: 10.0.0.0/8 is the largest of RFC 1918 (https://www.rfc-editor.org/rfc/rfc1918). */
const MIN_PREFIX = 8;

const options = z.strictObject({
  scheme: oneOf('internet-facing', 'internal')
    .default('internet-facing')
    .describe(
      'Networks that reach the load balancer. `internet-facing`: the internet. `internal`: only networks that are connected to the VPC, ' +
        'by VPN, peering, a transit gateway or Direct Connect; it has private addresses in subnets without a route to the ' +
        'internet. Needs `allowedCidrs`: docs/deploy.md, A private server.',
    )
    .meta({
      update:
        'the load balancer would be replaced, and its target group cannot belong to the old one and the new one; make a new stage, move the clients to it and delete this one',
    }),
  deletionProtection: z
    .boolean()
    .default(true)
    .describe(
      'Whether deletion protection must be removed manually before the load balancer can be deleted, also by a rollback of the first deployment. ' +
        'Always in production.',
    ),
  allowedCidrs: listOf(cidr(0, 32), { min: 1, max: 60 })
    .default(['0.0.0.0/0'])
    .describe(
      'IPv4 ranges that may connect, without host bits: a security group takes 60 unless its quota is raised. The default ' +
        'is the internet. Required with `scheme` `internal`: the ranges of the connected networks, each at least a /8.',
    ),
  mutualTls: mutualTlsOptions.optional().meta({
    description: 'Only clients with a certificate of these authorities may connect.',
    absent: 'no client certificate is required',
  }),
  verifyTokens: verifyTokensOptions.optional().meta({
    description:
      'The load balancer checks tokens before the service does: signature (RS256 only), issuer, expiry, audience. Needs ' +
      '`task.oauth` with a `jwksUrl` that is public, of at most 10 keys and 150 KB; above that every request ' +
      'is refused. An invalid token gets 401 without the challenge that names the issuer, ' +
      'and leaves no audit record. Requests without a token pass, so that the service can challenge them. Not with ' +
      '`scheme` `internal`.',
    absent: 'only the service checks tokens',
  }),
});

export const edgeOptions = options.superRefine(({ scheme, allowedCidrs, verifyTokens }, context) => {
  if (scheme === 'internet-facing') return;
  const wide = allowedCidrs.filter((range) => Number(range.split('/')[1]) < MIN_PREFIX);
  if (wide.length > 0) {
    const rule = `must name the ranges of the connected networks with scheme internal, each at least a /${MIN_PREFIX}, such as 10.0.0.0/${MIN_PREFIX}`;
    context.addIssue(problem(['allowedCidrs'], `${rule}, got ${JSON.stringify(wide)}`));
  }
  if (verifyTokens !== undefined) {
    const rule =
      'must be left out with scheme internal: the load balancer has no route to the keys of the issuer';
    context.addIssue(problem(['verifyTokens'], rule));
  }
});

export interface EdgeProps extends z.output<typeof edgeOptions> {
  readonly vpc: IVpc;
  /** In at least two zones; public ones for `internet-facing`, and none for `internal`. */
  readonly subnets: ISubnet[];
  readonly service: FargateService;
  readonly containerPort: number;
  /** Paths that are forwarded to a task; the load balancer responds 404 to all others. At most 5. */
  readonly paths: readonly string[];
  readonly domainName: string;
  readonly certificate: IListenerCertificate;
  /** Zone of the name's record. @default - the record is not part of the stack */
  readonly recordZone?: IHostedZone | undefined;
  readonly accessLogs: IBucket;
  /** Required for `verifyTokens`. @default - the operator issues tokens */
  readonly oauth?: OAuthOptions | undefined;
}

const TRIAL = 'A stage that is there to be tried out and deleted; production refuses this option';

/** The only ingress: HTTPS on 443. Only the protocol's paths are forwarded to a task, over HTTPS again. */
export class Edge extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
  readonly listener: ApplicationListener;
  /** Resources for the objects that `mutualTls` reads from S3; they fail when an object does not exist. */
  readonly trust: IDependable[] = [];

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const { deletionProtection, allowedCidrs } = props;
    const validation =
      props.verifyTokens &&
      tokenValidation(props.verifyTokens, props.oauth, `https://${props.domainName}/mcp`);

    const securityGroup = this.securityGroup(props.vpc, allowedCidrs, validation !== undefined);
    this.loadBalancer = new ApplicationLoadBalancer(this, 'Resource', {
      vpc: props.vpc,
      vpcSubnets: { subnets: props.subnets },
      internetFacing: props.scheme === 'internet-facing',
      securityGroup,
      deletionProtection,
      idleTimeout: TIMEOUTS.loadBalancerIdle,
      clientKeepAlive: TIMEOUTS.clientKeepAlive,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: DesyncMitigationMode.STRICTEST,
      // The service trusts the entry that is appended here, and no other.
      xffHeaderProcessingMode: XffHeaderProcessingMode.APPEND,
      // The service checks the Host that the client sent.
      preserveHostHeader: true,
    });
    if (!deletionProtection)
      acknowledge(this.loadBalancer, 'ELBDeletionProtectionEnabled', TRIAL, ['nist', 'hipaa']);
    for (const [key, value] of Object.entries(LOAD_BALANCER_ATTRIBUTES)) {
      this.loadBalancer.setAttribute(key, value);
    }
    enableAccessLogs(props.accessLogs, this.loadBalancer);

    this.targetGroup = this.createTargetGroup(props);
    this.listener = this.addListener(props, validation);
    // Its rules allow the health checks, without which no task becomes healthy.
    props.service.node.addDependency(securityGroup);

    if (props.recordZone) {
      new ARecord(this, 'Alias', {
        zone: props.recordZone,
        recordName: `${props.domainName}.`,
        target: RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer)),
      });
    }
  }

  private createTargetGroup({ vpc, containerPort, service }: EdgeProps): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, 'TargetGroup', {
      vpc,
      port: containerPort,
      protocol: ApplicationProtocol.HTTPS,
      targetType: TargetType.IP,
      targets: [service],
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: TIMEOUTS.deregistrationDelay,
      healthCheck: {
        path: HEALTH_PATH,
        protocol: Protocol.HTTPS,
        healthyHttpCodes: '200',
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });
  }

  private addListener(
    props: EdgeProps,
    validation: CfnListener.JwtValidationConfigProperty | undefined,
  ): ApplicationListener {
    const mutual = props.mutualTls && mutualTls(this, props.mutualTls);
    const listener = this.loadBalancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [props.certificate],
      // Post-quantum key exchange for clients that have it; the policy serves the others too.
      sslPolicy: SslPolicy.TLS13_12_RES_PQ,
      mutualAuthentication: mutual?.mutualAuthentication,
      open: false,
      defaultAction: ListenerAction.fixedResponse(404, {
        contentType: 'application/json',
        messageBody: NOT_FOUND,
      }),
    });
    if (mutual) {
      listener.node.addDependency(...mutual.dependencies);
      this.trust.push(...mutual.dependencies);
    }
    // Explicit, because a listener keeps its mode when the property is removed from the template.
    else (listener.node.defaultChild as CfnListener).mutualAuthentication = { mode: 'off' };
    const forward = ListenerAction.forward([this.targetGroup]);
    if (validation) {
      // Not for the metadata, which a client needs for its first token, nor for requests without a token.
      listener.addAction('VerifyToken', {
        priority: 5,
        conditions: [
          ListenerCondition.pathPatterns(['/mcp']),
          ListenerCondition.httpHeader('Authorization', ['*']),
        ],
        action: new VerifyToken(validation, forward),
      });
    }
    listener.addAction('Mcp', {
      priority: 10,
      conditions: [ListenerCondition.pathPatterns([...props.paths])],
      action: forward,
    });
    for (const [key, value] of Object.entries(LISTENER_ATTRIBUTES)) listener.setAttribute(key, value);
    return listener;
  }

  private securityGroup(vpc: IVpc, allowedCidrs: readonly string[], fetchesKeys: boolean): SecurityGroup {
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Load balancer: ingress HTTPS, egress to the tasks',
      allowAllOutbound: false,
    });
    // The issuer's JWKS endpoint has no fixed addresses.
    if (fetchesKeys) securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'Keys of the issuer');
    else denyAllEgress(securityGroup);
    for (const range of allowedCidrs)
      securityGroup.addIngressRule(Peer.ipv4(range), Port.tcp(443), 'HTTPS clients');
    Validations.of(securityGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason:
        'The load balancer serves 443 to the internet, or to edge.allowedCidrs; the web ACL and tokens protect it',
    });
    return securityGroup;
  }
}
