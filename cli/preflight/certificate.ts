import type { Resolver } from 'node:dns/promises';
import { describeCertificate } from './calls.ts';
import { type Check, couldNotTell, type Finding, ok, willFail } from './check.ts';

/** Names of Amazon's authorities in CAA records (ACM User Guide, "Configure a CAA record"). */
const AMAZON: readonly string[] = ['amazon.com', 'amazontrust.com', 'awstrust.com', 'amazonaws.com'];

/** Whether the existing certificate serves the name. */
export const certificate: Check = {
  name: 'certificate',
  calls: [describeCertificate],
  applies: ({ config }) => config.domain.certificateArn !== undefined,
  async run(ask, { config: { domain, region } }) {
    const { certificateArn = '', domainName } = domain;
    const found = await ask(describeCertificate, certificateArn);
    const other = `set domain.certificateArn to an issued certificate for ${domainName} in ${region}`;
    if (found === undefined) return willFail(`${certificateArn} does not exist`, other);
    const { Status, NotAfter, SubjectAlternativeNames = [], DomainName = '' } = found;
    if (Status !== 'ISSUED') return willFail(`its status is ${Status}`, other);
    const until = NotAfter?.toISOString().slice(0, 10);
    if (NotAfter !== undefined && NotAfter.getTime() <= Date.now())
      return willFail(`it expired on ${until}`, other);
    const names = [...new Set([DomainName, ...SubjectAlternativeNames])];
    if (!names.some((name) => covers(name, domainName))) {
      return willFail(`it is for ${names.join(', ')}, not for ${domainName}`, other);
    }
    return ok(`issued for ${domainName}, valid until ${until}`);
  },
};

/** A wildcard stands for one label. */
function covers(name: string, host: string): boolean {
  const lower = name.toLowerCase();
  return lower === host || (lower.startsWith('*.') && host.slice(host.indexOf('.')) === lower.slice(1));
}

/** Whether ACM may issue the certificate that the stage asks for. */
export const issuance: Check = {
  name: 'certificate',
  calls: [],
  applies: ({ config }) => config.domain.certificateArn === undefined,
  run: (_, { config, resolver }) => mayIssue(resolver, config.domain.domainName),
};

/** The records of the name itself count, or else of its nearest parent that has any (RFC 8659 §3). */
async function mayIssue(resolver: Resolver, domainName: string): Promise<Finding> {
  const labels = domainName.split('.');
  for (let index = 0; index < labels.length - 1; index++) {
    const name = labels.slice(index).join('.');
    try {
      const found = await resolver.resolveCaa(name);
      const issuers = found
        .flatMap(({ issue }) => issue ?? [])
        .map((issuer) => issuer.split(';')[0]?.trim() ?? '');
      if (found.length === 0) continue;
      if (issuers.length === 0 || issuers.some((issuer) => AMAZON.includes(issuer))) break;
      return willFail(
        `the CAA records of ${name} allow ${issuers.join(', ')} only: ACM may not issue one`,
        `add the CAA record 0 issue "amazon.com" to ${name}`,
      );
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') continue;
      return couldNotTell(`DNS did not answer for the CAA records of ${name} (${code})`);
    }
  }
  return ok(`no CAA record keeps ACM from issuing one for ${domainName}`);
}
