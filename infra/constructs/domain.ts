import {
  Certificate,
  CertificateValidation,
  type ICertificate,
  KeyAlgorithm,
} from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { assertArn, assertMatches, DOMAIN_NAME, OptionError } from '../lib/validation.ts';

export interface DomainOptions {
  /**
   * Host name of the server, in lower case, up to 64 characters with `hostedZone`: clients connect to
   * `https://DOMAIN_NAME/mcp` and no other name is served.
   */
  readonly domainName: string;
  /**
   * ARN of an ACM certificate for `domainName` in the stack's region. Exactly one of this and `hostedZone`.
   *
   * @default - a certificate is made in `hostedZone`
   */
  readonly certificateArn?: string;
  /**
   * Public Route 53 zone of `domainName`, where a certificate is made and an alias record written.
   *
   * @default - none: the record that leads to the load balancer is your own matter
   */
  readonly hostedZone?: {
    /** `Z…` */
    readonly id: string;
    /** Name of the zone, `domainName` or a parent of it. */
    readonly name: string;
  };
}

/** The name clients use and the certificate that proves it. There is no service without one. */
export class Domain extends Construct {
  readonly domainName: string;
  readonly certificate: ICertificate;
  /** Where the record of the load balancer goes; absent when DNS is kept elsewhere. */
  readonly hostedZone?: IHostedZone;

  constructor(scope: Construct, id: string, props: DomainOptions) {
    super(scope, id);
    const { domainName, certificateArn, hostedZone } = props;
    assertMatches(
      'domain.domainName',
      domainName,
      DOMAIN_NAME,
      'a host name in lower case such as mcp.example.com',
    );
    this.domainName = domainName;

    if (certificateArn !== undefined && hostedZone === undefined) {
      assertArn(
        'domain.certificateArn',
        certificateArn,
        /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
        'the ARN of an ACM certificate',
        Stack.of(this).region,
      );
      this.certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
      return;
    }
    if (hostedZone === undefined || certificateArn !== undefined) {
      throw new OptionError(
        `exactly one of domain.certificateArn and domain.hostedZone must be given, got ${hostedZone ? 'both' : 'neither'}`,
      );
    }
    assertMatches(
      'domain.hostedZone.id',
      hostedZone.id,
      /^Z[A-Z0-9]{1,31}$/,
      'the id of a Route 53 zone (Z…)',
    );
    if (domainName !== hostedZone.name && !domainName.endsWith(`.${hostedZone.name}`)) {
      throw new OptionError(
        `domain.hostedZone.name must be ${domainName} or a parent of it, got "${hostedZone.name}"`,
      );
    }
    // ACM takes no longer one as a certificate's first name.
    assertMatches('domain.domainName', domainName, /^.{1,64}$/, 'at most 64 characters with a hostedZone');
    this.hostedZone = HostedZone.fromHostedZoneAttributes(this, 'HostedZone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    this.certificate = new Certificate(this, 'Certificate', {
      domainName,
      validation: CertificateValidation.fromDns(this.hostedZone),
      keyAlgorithm: KeyAlgorithm.EC_PRIME256V1,
    });
  }
}
