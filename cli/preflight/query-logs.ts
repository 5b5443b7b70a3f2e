import { describeVpcs, listQueryLogAssociations, listStackResources } from './calls.ts';
import { type Check, couldNotTell, ok, willFail } from './check.ts';
import { deployed } from './stack.ts';
import { resourcesOf } from './template.ts';

const ASSOCIATION = 'AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation';

/** Whether something else logs the DNS queries of the account's VPCs: a landing zone does, and a VPC has one log. */
export const queryLogs: Check = {
  name: 'DNS query log',
  calls: [listQueryLogAssociations, describeVpcs, listStackResources],
  applies: ({ template }) => resourcesOf(template, ASSOCIATION).length > 0,
  async run(ask, subject) {
    const existing = await deployed(ask, subject);
    const associations = await ask(listQueryLogAssociations, undefined);
    const mine = (type: string) =>
      resourcesOf(subject.template, type).flatMap(([id]) => existing.get(id) ?? []);
    const [vpc] = mine('AWS::EC2::VPC');
    const ours = new Set(mine(ASSOCIATION));
    const fix = "have the owner of the account's landing zone leave this stage's VPC out";
    const foreign = associations.filter(({ Id = '' }) => !ours.has(Id));
    const onOurs = foreign.find(({ ResourceId }) => ResourceId === vpc && vpc !== undefined);
    if (onOurs) {
      return willFail(
        `${onOurs['ResolverQueryLogConfigId']} is associated with ${vpc}, which takes no other`,
        fix,
      );
    }
    if (ours.size > 0) return ok('the stage has its own');
    const others = (await ask(describeVpcs, undefined)).filter(
      ({ VpcId, IsDefault }) => VpcId !== vpc && !IsDefault,
    );
    const logged = new Map(
      foreign.map(({ ResourceId, ResolverQueryLogConfigId }) => [ResourceId, ResolverQueryLogConfigId]),
    );
    const configs = new Set(others.map(({ VpcId }) => logged.get(VpcId)));
    if (others.length > 0 && configs.size === 1 && !configs.has(undefined)) {
      return couldNotTell(
        `${[...configs][0]} is associated with each of the ${others.length} VPCs, as if by an automation that would take the new one before the stage does`,
        fix,
      );
    }
    return ok('no automation is seen that logs the queries of every VPC');
  },
};
