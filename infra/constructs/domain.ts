import {
  Certificate,
  CertificateValidation,
  type ICertificate,
  KeyAlgorithm,
} from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import * as z from 'zod';
import { problem } from '../lib/option-error.ts';
import { DOMAIN_NAME, text } from '../lib/option-types.ts';

const ZONE_ID = text(/^Z[A-Z0-9]{1,31}$/, 'the id of a Route 53 zone (Z…)');

/** Whether a zone of this name has records of the host. */
const isWithin = (host: string, zone: string) => host === zone || host.endsWith(`.${zone}`);

export const domainOptions = z
  .strictObject({
    domainName: text(DOMAIN_NAME, 'a host name in lower case such as mcp.example.com')
      .describe(
        'Host name of the server, in lower case, up to 196 characters, with `hostedZone` up to 64. Clients connect to ' +
          '`https://DOMAIN_NAME/mcp`; no other name is served.',
      )
      .meta({
        update:
          'the stack creates the certificate and the record of the new name and deletes those of the old one, which clients then cannot use',
      }),
    certificateArn: text(
      /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
      'the ARN of an ACM certificate',
    )
      .optional()
      .meta({
        description:
          "ARN of an ACM certificate for `domainName` in the stack's region. Exactly one of this and `hostedZone`.",
        absent: 'a certificate is created in `hostedZone`',
        update: 'in place of `hostedZone`, the record of `domainName` is deleted; create your own at once',
      }),
    hostedZone: z
      .strictObject({
        id: ZONE_ID.describe('Id of the zone, `Z…`.').meta({
          update:
            'the certificate and the record are created in the new zone and deleted in the old one, which clients still query until the name is delegated to the new zone',
        }),
        name: z.string().describe('Name of the zone, `domainName` or a parent of it.'),
        createRecord: z
          .boolean()
          .default(true)
          .describe(
            'Whether the stack writes the record of `domainName`. With `false` it only validates the certificate in the zone, and ' +
              'you point the name at the output `LoadBalancerDnsName`. Use this if the name already has a record, which ' +
              'CloudFormation does not overwrite, or to keep the name when the server moves.',
          )
          .meta({ update: 'with `false`, the record is deleted; create your own at once' }),
      })
      .optional()
      .meta({
        description:
          'Public Route 53 zone of `domainName`, where a certificate is created and an alias record written, unless `privateZone` is ' +
          'given. With `edge.scheme` `internal`, the record shows the private addresses to the internet.',
        absent: 'none: you create the DNS record of the load balancer',
        update: 'without it, the record of `domainName` is deleted; create your own at once',
      }),
    privateZone: z
      .strictObject({
        id: ZONE_ID.describe('Id of the zone, `Z…`.').meta({
          update:
            'the record is created in the new zone and deleted in the old one, which clients may still query',
        }),
        name: z.string().describe('Name of the zone, `domainName` or a parent of it.'),
      })
      .optional()
      .meta({
        description:
          'Private Route 53 zone of `domainName` in this account, where the alias record is written, so that the name resolves ' +
          'only in associated networks. Associate the zone with the networks of the clients yourself; the VPC of the stack needs no association. ' +
          'Only with `edge.scheme` `internal`. The certificate still comes from `hostedZone`, or is `certificateArn`.',
        absent: 'the record is written in `hostedZone`, or is yours',
        update:
          'the record moves to `hostedZone`, or is deleted; clients whose DNS does not answer at once lose the name',
      }),
  })
  .superRefine(({ domainName, certificateArn, hostedZone, privateZone }, context) => {
    if ((hostedZone === undefined) === (certificateArn === undefined)) {
      const got = hostedZone ? 'both' : 'neither';
      context.addIssue(problem([], `must have exactly one of certificateArn and hostedZone, got ${got}`));
    }
    // WAF compares a header with at most 200 bytes, and the Host header may end in the port.
    if (domainName.length > 196) {
      context.addIssue(problem(['domainName'], `must be at most 196 characters, got ${domainName.length}`));
    }
    for (const [option, zone] of Object.entries({ hostedZone, privateZone })) {
      if (zone === undefined || isWithin(domainName, zone.name)) continue;
      const rule = `must be ${domainName} or a parent of it, got ${JSON.stringify(zone.name)}`;
      context.addIssue(problem([option, 'name'], rule));
    }
    if (hostedZone === undefined) return;
    // ACM allows at most 64 characters in the first name of a certificate.
    if (domainName.length > 64) {
      const rule = `must be at most 64 characters with a hostedZone, got ${JSON.stringify(domainName)}`;
      context.addIssue(problem(['domainName'], rule));
    }
  });

/** The host name of the server and its ACM certificate. A certificate is always required. */
export class Domain extends Construct {
  readonly domainName: string;
  readonly certificate: ICertificate;
  /** Zone for the load balancer's record; absent when the record is not part of the stack. */
  readonly recordZone?: IHostedZone;

  constructor(scope: Construct, id: string, props: z.output<typeof domainOptions>) {
    super(scope, id);
    const { domainName, certificateArn, hostedZone, privateZone } = props;
    this.domainName = domainName;
    if (privateZone) {
      this.recordZone = HostedZone.fromHostedZoneAttributes(this, 'PrivateZone', {
        hostedZoneId: privateZone.id,
        zoneName: privateZone.name,
      });
    }
    if (certificateArn !== undefined) {
      this.certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
      return;
    }
    // The schema requires exactly one of the two.
    if (hostedZone === undefined) throw new Error('a domain without certificateArn and hostedZone');
    const zone = HostedZone.fromHostedZoneAttributes(this, 'HostedZone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    });
    if (hostedZone.createRecord) this.recordZone ??= zone;
    this.certificate = new Certificate(this, 'Certificate', {
      domainName,
      validation: CertificateValidation.fromDns(zone),
      keyAlgorithm: KeyAlgorithm.EC_PRIME256V1,
    });
  }
}
