import type { Resolver } from 'node:dns/promises';
import { getHostedZone, listRecords, listStackResources } from './calls.ts';
import { type Check, couldNotTell, type Finding, judgeEach, ok, willFail } from './check.ts';
import { missing } from './stack.ts';

/** DNS answers that mean that the name or the record does not exist. */
const NOTHING: readonly unknown[] = ['ENOTFOUND', 'ENODATA'];

/** Whether the zone is the public one that the internet asks. In any other, ACM waits 72 hours for its record. */
export const hostedZone: Check = {
  name: 'hosted zone',
  calls: [getHostedZone],
  applies: ({ config }) => config.domain.hostedZone !== undefined,
  async run(ask, { config, resolver, account }) {
    const { id = '', name = '' } = config.domain.hostedZone ?? {};
    const zone = await ask(getHostedZone, id);
    const correct = 'set domain.hostedZone to the public zone that the registrar delegates to';
    if (zone === undefined) return willFail(`${account} has no hosted zone ${id}`, correct);
    if (zone.HostedZone?.Name !== `${name}.`) {
      return willFail(`${id} is the zone of ${zone.HostedZone?.Name}, not of ${name}.`, correct);
    }
    if (zone.HostedZone.Config?.PrivateZone) return willFail(`${id} is a private zone`, correct);
    return delegation(resolver, name, zone.DelegationSet?.NameServers ?? []);
  },
};

async function delegation(resolver: Resolver, name: string, ours: readonly string[]): Promise<Finding> {
  const servers = `set the name servers of ${name} at its registrar, or in the parent zone, to ${ours.join(', ')}`;
  const normal = (host: string) => host.toLowerCase().replace(/\.$/, '');
  let asked: string[];
  try {
    asked = (await resolver.resolveNs(name)).map(normal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (NOTHING.includes(code)) return willFail(`DNS knows no name servers of ${name}`, servers);
    return couldNotTell(`DNS did not answer for the name servers of ${name} (${code})`);
  }
  const known = new Set(ours.map(normal));
  const foreign = asked.filter((host) => !known.has(host));
  if (foreign.length === 0) return ok(`DNS delegates ${name} to this zone`);
  const detail = `DNS delegates ${name} to ${foreign.join(', ')}`;
  if (foreign.length === asked.length) {
    return willFail(`${detail}, not to this zone: the certificate is never validated`, servers);
  }
  return couldNotTell(`${detail} besides this zone`, servers);
}

/** Whether the records that the stage creates exist already: CloudFormation does not replace those of others. */
export const records: Check = {
  name: 'DNS record',
  calls: [listRecords, listStackResources],
  applies: ({ template }) =>
    Object.values(template.Resources).some(({ Type }) => Type === 'AWS::Route53::RecordSet'),
  async run(ask, subject) {
    const created = await missing(ask, subject, 'AWS::Route53::RecordSet');
    if (created.length === 0) return ok('the stage has made its records');
    return judgeEach(
      created,
      ([, { Properties }]) => Properties.Name,
      async ([, { Properties }]) => {
        const { Name: name, Type: type, HostedZoneId: zone } = Properties;
        const existing = await ask(listRecords, { zone, name });
        const conflict = existing.find(({ Type }) => Type === type || Type === 'CNAME');
        if (!conflict) return ok(`no record of type ${type} is in the way`);
        const fix =
          'set domain.hostedZone.createRecord to false and move the name later, or delete it right before the deployment';
        return willFail(`it has a record of type ${conflict.Type}`, fix);
      },
    );
  },
};
