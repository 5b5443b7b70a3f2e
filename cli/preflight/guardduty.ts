import { findDetector, getDetector } from './calls.ts';
import { type Ask, type Check, ok, willFail } from './check.ts';
import { resourcesOf } from './template.ts';

const ENABLE =
  'enable RUNTIME_MONITORING with ECS_FARGATE_AGENT_MANAGEMENT in GuardDuty, or remove the option guardDuty';

/** Whether GuardDuty's agent beside each task and the stage expect each other. */
export const guardDuty: Check = {
  name: 'GuardDuty',
  calls: [findDetector, getDetector],
  async run(ask, { template }) {
    const added = await addsAgent(ask);
    // The tag of the cluster by which GuardDuty knows whether it may add its agent.
    const tags = resourcesOf(template, 'AWS::ECS::Cluster').flatMap(
      ([, { Properties }]) => Properties?.Tags ?? [],
    );
    const managed = tags.find(({ Key }: { Key: string }) => Key === 'GuardDutyManaged')?.Value;
    if (managed === 'true') {
      return added
        ? ok('its agent is expected')
        : willFail('it adds no agent to tasks, and the stage asks for it', ENABLE);
    }
    if (!added) return ok('it adds no agent to tasks');
    if (managed === 'false')
      return ok('the cluster is excluded from Runtime Monitoring; the option guardDuty includes it');
    return willFail(
      "it adds its agent to every task: the DNS firewall blocks the agent's names and rings, and `cdk destroy` fails on its endpoint",
      'set the option guardDuty',
    );
  },
};

async function addsAgent(ask: Ask): Promise<boolean> {
  const id = await ask(findDetector, undefined);
  if (id === undefined) return false;
  const { Status, Features = [] } = await ask(getDetector, id);
  const runtime = Features.find(({ Name }) => Name === 'RUNTIME_MONITORING');
  const agent = runtime?.AdditionalConfiguration?.find(({ Name }) => Name === 'ECS_FARGATE_AGENT_MANAGEMENT');
  return [Status, runtime?.Status, agent?.Status].every((status) => status === 'ENABLED');
}
