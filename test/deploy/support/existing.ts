import { certificateFor } from '../../edge/support/authority.ts';
import type { Part } from './emulated-template.ts';
import type { Emulator } from './emulator.ts';

/** Resources that exist in the account before a deployment. */
export interface Existing {
  /** Id of the public zone. */
  readonly zoneId: string;
  /** ARNs of resources that the emulator cannot create from the template, by logical id. */
  readonly arns: Readonly<Record<string, string>>;
}

/** Creates by API what the emulator cannot create from a template: secrets with the template's values, certificates. */
export async function makeExisting(emulator: Emulator, template: Part, zoneName: string): Promise<Existing> {
  const arns: Record<string, string> = {};
  for (const [id, { Type, Properties }] of Object.entries<Part>(template.Resources)) {
    if (Type === 'AWS::SecretsManager::Secret') {
      const SecretString =
        Properties.SecretString ?? 'k'.repeat(Properties.GenerateSecretString.PasswordLength);
      const input = { Name: Properties.Name ?? id, SecretString, ClientRequestToken: id.padEnd(32, '-') };
      arns[id] = String((await emulator.json('secretsmanager', 'secretsmanager.CreateSecret', input))['ARN']);
    }
    if (Type === 'AWS::CertificateManager::Certificate') {
      const { cert, key } = await certificateFor(Properties.DomainName);
      const base64 = (pem: string) => Buffer.from(pem).toString('base64');
      const input = { Certificate: base64(cert), PrivateKey: base64(key) };
      const { CertificateArn } = await emulator.json('acm', 'CertificateManager.ImportCertificate', input);
      arns[id] = String(CertificateArn);
    }
  }
  const zone = await emulator.xml(
    'route53',
    '/2013-04-01/hostedzone',
    `<CreateHostedZoneRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Name>${zoneName}</Name><CallerReference>test</CallerReference></CreateHostedZoneRequest>`,
  );
  const [, zoneId = ''] = /<Id>\/hostedzone\/(\w+)<\/Id>/.exec(zone) ?? [];
  return { zoneId, arns };
}
