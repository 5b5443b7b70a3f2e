import { combinations } from '../../../infra/combinations.ts';
import { SERVERS, stackWith, zone } from '../account.ts';
import { Refusal } from '../stand-in.ts';
import { acm, aRecord, type Cases, known } from './answers.ts';

const { dev, prod, vpc, knownClients, internal, internalEndpoints } = combinations;

/** Accounts that fail the checks of the domain. */
export const DOMAIN: Cases = {
  'hosted zone': [
    [
      'without the zone',
      dev,
      { answers: { 'route53:GetHostedZone': () => new Refusal('NoSuchHostedZone', 404) } },
      'has no hosted zone Z0123456789EXAMPLE',
    ],
    [
      'with a zone of another domain',
      dev,
      { answers: { 'route53:GetHostedZone': () => zone('example.net.') } },
      'is the zone of example.net., not of example.com.',
    ],
    [
      'with a private zone',
      dev,
      { answers: { 'route53:GetHostedZone': () => zone('example.com.', true) } },
      'is a private zone',
    ],
    [
      'with a zone that DNS does not delegate to',
      dev,
      { dns: { 'NS example.com': ['ns1.registrar.example', 'ns2.registrar.example'] } },
      'to ns1.registrar.example, ns2.registrar.example, not to this zone',
      SERVERS.join(', '),
    ],
    [
      'with the name itself delegated further',
      dev,
      { dns: { 'NS mcp-dev.example.com': ['ns1.team.example'] } },
      'DNS delegates mcp-dev.example.com to ns1.team.example, out of this zone',
      'or delete its NS records in example.com',
    ],
    [
      'with a domain that DNS does not know',
      dev,
      { dns: { 'NS example.com': [] } },
      'DNS knows no name servers of example.com',
    ],
  ],
  'private zone': [
    [
      'without the private zone',
      internalEndpoints,
      { answers: { 'route53:GetHostedZone': () => new Refusal('NoSuchHostedZone', 404) } },
      'has no hosted zone Z9876543210EXAMPLE',
    ],
    [
      'with a private zone of another domain',
      internalEndpoints,
      { answers: { 'route53:GetHostedZone': () => zone('example.net.', true) } },
      'is the zone of example.net., not of example.com.',
    ],
    [
      'with a public zone in place of the private one',
      internalEndpoints,
      { answers: { 'route53:GetHostedZone': () => zone('example.com.') } },
      'Z9876543210EXAMPLE is a public zone',
      'set domain.privateZone to a private zone of this account',
    ],
  ],
  'DNS record': [
    [
      'with a record of that name in the private zone',
      internal,
      { answers: { 'route53:ListResourceRecordSets': () => aRecord('A', 'mcp-dev.example.com.') } },
      'it has a record of type A',
      'leave out domain.privateZone and move the name later',
    ],
    [
      'with an A record of that name',
      prod,
      { answers: { 'route53:ListResourceRecordSets': () => aRecord('A') } },
      'it has a record of type A',
    ],
    [
      'with an alias of that name',
      prod,
      { answers: { 'route53:ListResourceRecordSets': () => aRecord('CNAME') } },
      'it has a record of type CNAME',
    ],
    [
      'with a record of the name that a deployed stage moves to',
      prod,
      {
        answers: {
          'cloudformation:ListStackResources': (input) => {
            const listed = stackWith(known(prod).template, 'AWS::Route53::RecordSet')(input);
            const member = listed.StackResourceSummaries.member.map((one) => ({
              ...one,
              PhysicalResourceId: 'old.example.com',
            }));
            return { ...listed, StackResourceSummaries: { member } };
          },
          'route53:ListResourceRecordSets': () => aRecord('A'),
        },
      },
      'it has a record of type A',
    ],
  ],
  certificate: [
    [
      'without the certificate',
      vpc,
      { answers: { 'acm:DescribeCertificate': () => new Refusal('ResourceNotFoundException') } },
      'does not exist',
      'in us-east-1',
    ],
    [
      'with a certificate that waits for validation',
      vpc,
      { answers: { 'acm:DescribeCertificate': () => acm({ Status: 'PENDING_VALIDATION' }) } },
      'PENDING_VALIDATION',
    ],
    [
      'with an expired certificate',
      vpc,
      { answers: { 'acm:DescribeCertificate': () => acm({ NotAfter: Date.UTC(2020, 0) / 1000 }) } },
      'expired on 2020-01-01',
    ],
    [
      'with a certificate of another name',
      vpc,
      { answers: { 'acm:DescribeCertificate': () => acm({ DomainName: '*.mcp.example.com' }) } },
      'it is for *.mcp.example.com, not for mcp.example.com',
    ],
    [
      'whose domain allows another authority only',
      dev,
      { dns: { 'CAA example.com': ['issue letsencrypt.org'] } },
      'the CAA records of example.com allow letsencrypt.org only',
      '0 issue "amazon.com"',
    ],
  ],
  'mutual TLS': [
    [
      'without the bundle',
      knownClients,
      { answers: { 's3:HeadObject': () => new Refusal('NotFound', 404) } },
      'the object does not exist',
    ],
    [
      'with the bundle in another region',
      knownClients,
      { answers: { 's3:HeadObject': () => new Refusal('PermanentRedirect', 301) } },
      'the bucket is in another region',
    ],
  ],
};
