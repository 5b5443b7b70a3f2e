import { type ISubnet, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import {
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
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
import { Construct } from 'constructs';
import { closeEgress } from '../lib/closed-egress.ts';
import { assertCidr, OptionError } from '../lib/validation.ts';

export interface EdgeOptions {
  /**
   * Whether the load balancer must be unprotected by hand before it can be deleted, a roll-back of the first
   * deployment included. Always in production.
   *
   * @default true
   */
  readonly deletionProtection?: boolean;
  /** IPv4 ranges that may connect, at least one, without host bits. @default ['0.0.0.0/0'] - the internet */
  readonly allowedCidrs?: readonly string[];
}

export interface EdgeProps extends EdgeOptions {
  readonly vpc: IVpc;
  readonly subnets: ISubnet[];
  readonly service: FargateService;
  readonly containerPort: number;
  /** What reaches a task; the load balancer itself answers 404 to anything else. At most 5. */
  readonly paths: readonly string[];
  readonly domainName: string;
  readonly certificate: IListenerCertificate;
  readonly hostedZone?: IHostedZone;
  readonly accessLogs: IBucket;
}

/**
 * Longest silence on a connection. Above the longest scrape (50 s), below the service's keep-alive (75 s), so that
 * the load balancer never sends a request into a connection the service is closing.
 */
const IDLE_TIMEOUT = Duration.seconds(60);

/** Not less than the 25 s the service drains for. */
const DEREGISTRATION_DELAY = Duration.seconds(30);

/** Sent with every answer, whoever made it. */
const RESPONSE_HEADERS = {
  // For this name only: it may be the apex of a zone whose other names are not ours to bind.
  strict_transport_security: 'max-age=63072000',
  content_security_policy: "default-src 'none'; frame-ancestors 'none'",
  x_content_type_options: 'nosniff',
  x_frame_options: 'DENY',
};

/** The only way in: HTTPS on 443, and only the paths of the protocol reach a task, over HTTPS again. */
export class Edge extends Construct {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
  readonly listener: ApplicationListener;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const deletionProtection = props.deletionProtection ?? true;
    const allowedCidrs = props.allowedCidrs ?? ['0.0.0.0/0'];
    if (allowedCidrs.length === 0)
      throw new OptionError('edge.allowedCidrs must name at least one range, got none');
    for (const cidr of allowedCidrs) assertCidr('edge.allowedCidrs', cidr, 0, 32);

    const securityGroup = this.securityGroup(props.vpc, allowedCidrs);
    this.loadBalancer = new ApplicationLoadBalancer(this, 'Resource', {
      vpc: props.vpc,
      vpcSubnets: { subnets: props.subnets },
      internetFacing: true,
      securityGroup,
      deletionProtection,
      idleTimeout: IDLE_TIMEOUT,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: DesyncMitigationMode.STRICTEST,
      // The service believes the entry that is appended here, and no other.
      xffHeaderProcessingMode: XffHeaderProcessingMode.APPEND,
      // The service checks the Host that the client sent.
      preserveHostHeader: true,
    });
    // A firewall that cannot be reached closes the door.
    this.loadBalancer.setAttribute('waf.fail_open.enabled', 'false');
    this.loadBalancer.logAccessLogs(props.accessLogs, 'access');
    this.loadBalancer.logConnectionLogs(props.accessLogs, 'connection');

    this.targetGroup = new ApplicationTargetGroup(this, 'TargetGroup', {
      vpc: props.vpc,
      port: props.containerPort,
      protocol: ApplicationProtocol.HTTPS,
      targetType: TargetType.IP,
      targets: [props.service],
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: DEREGISTRATION_DELAY,
      healthCheck: {
        path: '/healthz',
        protocol: Protocol.HTTPS,
        healthyHttpCodes: '200',
        interval: Duration.seconds(15),
        timeout: Duration.seconds(5),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 3,
      },
    });

    this.listener = this.loadBalancer.addListener('Https', {
      port: 443,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [props.certificate],
      sslPolicy: SslPolicy.TLS13_12_RES_PQ,
      open: false,
      defaultAction: ListenerAction.fixedResponse(404, {
        contentType: 'application/json',
        messageBody: '{"error":"not_found"}',
      }),
    });
    this.listener.addAction('Mcp', {
      priority: 10,
      conditions: [ListenerCondition.pathPatterns([...props.paths])],
      action: ListenerAction.forward([this.targetGroup]),
    });
    this.responseHeaders(this.listener);
    // Its rules let the health checks out, without which a first task is never healthy.
    props.service.node.addDependency(securityGroup);

    if (props.hostedZone) {
      new ARecord(this, 'Alias', {
        zone: props.hostedZone,
        recordName: `${props.domainName}.`,
        target: RecordTarget.fromAlias(new LoadBalancerTarget(this.loadBalancer)),
      });
    }
  }

  private securityGroup(vpc: IVpc, allowedCidrs: readonly string[]): SecurityGroup {
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Load balancer: HTTPS in, the tasks out',
      allowAllOutbound: false,
    });
    closeEgress(securityGroup);
    for (const cidr of allowedCidrs)
      securityGroup.addIngressRule(Peer.ipv4(cidr), Port.tcp(443), 'HTTPS clients');
    Validations.of(securityGroup).acknowledge({
      id: 'AwsSolutions-EC23',
      reason: 'A public endpoint on 443 is the purpose; the web ACL and bearer tokens stand behind it',
    });
    return securityGroup;
  }

  private responseHeaders(listener: ApplicationListener): void {
    for (const [header, value] of Object.entries(RESPONSE_HEADERS)) {
      listener.setAttribute(`routing.http.response.${header}.header_value`, value);
    }
    listener.setAttribute('routing.http.response.server.enabled', 'false');
  }
}
