import type { Resolver } from 'node:dns/promises';
import { getHostedZone, listRecords, listStackResources } from './calls.ts';
import { type Check, couldNotTell, type Finding, judgeEach, ok, willFail } from './check.ts';
import { deployed } from './stack.ts';
import { resourcesOf } from './template.ts';

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
    const ours = zone.DelegationSet?.NameServers ?? [];
    const below = await delegatedBelow(resolver, config.domain.domainName, name, ours);
    return below ?? delegation(resolver, name, ours);
  },
};

/** Whether the zone of the record is a private one of the account. */
export const privateZone: Check = {
  name: 'private zone',
  calls: [getHostedZone],
  applies: ({ config }) => config.domain.privateZone !== undefined,
  async run(ask, { config, account }) {
    const { id = '', name = '' } = config.domain.privateZone ?? {};
    const zone = await ask(getHostedZone, id);
    const correct =
      'set domain.privateZone to a private zone of this account, or leave it out and create the record yourself';
    if (zone === undefined) return willFail(`${account} has no hosted zone ${id}`, correct);
    if (zone.HostedZone?.Name !== `${name}.`) {
      return willFail(`${id} is the zone of ${zone.HostedZone?.Name}, not of ${name}.`, correct);
    }
    if (!zone.HostedZone.Config?.PrivateZone) return willFail(`${id} is a public zone`, correct);
    const vpcs = (zone.VPCs ?? []).map(({ VPCId }) => VPCId).join(', ');
    return ok(`${name} resolves in ${vpcs}, and in networks whose DNS asks one of these VPCs`);
  },
};

const normal = (host: string) => host.toLowerCase().replace(/\.$/, '');

/** A finding if a name from the stage's own up to the zone is delegated further, so that no record of this zone counts. */
async function delegatedBelow(
  resolver: Resolver,
  domainName: string,
  zone: string,
  ours: readonly string[],
): Promise<Finding | undefined> {
  const known = new Set(ours.map(normal));
  for (let name = domainName; name !== zone && name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    try {
      const foreign = (await resolver.resolveNs(name)).map(normal).filter((host) => !known.has(host));
      if (foreign.length === 0) continue;
      return willFail(
        `DNS delegates ${name} to ${foreign.join(', ')}, out of this zone: the certificate is never validated`,
        `set domain.hostedZone to the public zone of ${name}, or delete its NS records in ${zone}`,
      );
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!NOTHING.includes(code))
        return couldNotTell(`DNS did not answer for the name servers of ${name} (${code})`);
    }
  }
  return undefined;
}

async function delegation(resolver: Resolver, name: string, ours: readonly string[]): Promise<Finding> {
  const servers = `set the name servers of ${name} at its registrar, or in the parent zone, to ${ours.join(', ')}`;
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
    const existing = await deployed(ask, subject);
    const created = resourcesOf(subject.template, 'AWS::Route53::RecordSet').filter(
      ([id, { Properties }]) => !isRecordOf(existing.get(id), Properties.Name),
    );
    if (created.length === 0) return ok('the stage has made its records');
    return judgeEach(
      created,
      ([, { Properties }]) => Properties.Name,
      async ([, { Properties }]) => {
        const { Name: name, Type: type, HostedZoneId: zone } = Properties;
        const found = await ask(listRecords, { zone, name });
        const conflict = found.find(({ Type }) => Type === type || Type === 'CNAME');
        if (!conflict) return ok(`no record of type ${type} is in the way`);
        const later =
          subject.config.domain.privateZone === undefined
            ? 'set domain.hostedZone.createRecord to false'
            : 'leave out domain.privateZone';
        const fix = `${later} and move the name later, or delete it right before the deployment`;
        return willFail(`it has a record of type ${conflict.Type}`, fix);
      },
    );
  },
};

/**
 * Whether the stage has made the record. With another name CloudFormation creates a new one. The physical id of a record
 * is its name ("Return values" of AWS::Route53::RecordSet); an id of another form is not compared.
 */
function isRecordOf(physicalId: string | undefined, name: string): boolean {
  if (physicalId === undefined) return false;
  return !/^[\w*-]+(?:\.[\w*-]+)+\.?$/.test(physicalId) || normal(physicalId) === normal(name);
}
