import { findDetector, getDetector } from './calls.ts';
import { type Ask, type Check, couldNotTell, ok, willFail } from './check.ts';
import { resourcesOf } from './template.ts';

/** Whether GuardDuty's agent beside each task and the stage expect each other. */
export const guardDuty: Check = {
  name: 'GuardDuty',
  calls: [findDetector, getDetector],
  async run(ask, { template }) {
    const { monitors, addsAgent } = await runtimeMonitoring(ask);
    // The tag of the cluster by which GuardDuty knows whether it may add its agent.
    const tags = resourcesOf(template, 'AWS::ECS::Cluster').flatMap(
      ([, { Properties }]) => Properties?.Tags ?? [],
    );
    const managed = tags.find(({ Key }: { Key: string }) => Key === 'GuardDutyManaged')?.Value;
    if (managed === 'true') {
      // The tag includes the cluster also where the automated agent of the account is off:
      // https://docs.aws.amazon.com/guardduty/latest/ug/managing-gdu-agent-ecs-automated.html
      return monitors
        ? ok('its agent starts with the next deployment of the service')
        : couldNotTell(
            'Runtime Monitoring is not enabled, so tasks start without its agent',
            'deploy, enable RUNTIME_MONITORING in GuardDuty, then run `aws ecs update-service --force-new-deployment` (docs/deploy.md, GuardDuty Runtime Monitoring)',
          );
    }
    if (!addsAgent) return ok('it adds no agent to tasks');
    if (managed === 'false')
      return ok('the cluster is excluded from Runtime Monitoring; the option guardDuty includes it');
    return willFail(
      "GuardDuty adds its agent to every task. The DNS firewall then blocks the agent's names and raises DnsQueriesBlocked, and `cdk destroy` fails on GuardDuty's endpoint",
      'set the option guardDuty',
    );
  },
};

/** Whether Runtime Monitoring is on, and whether it adds its agent to the tasks of clusters without a tag. */
async function runtimeMonitoring(ask: Ask): Promise<{ monitors: boolean; addsAgent: boolean }> {
  const id = await ask(findDetector, undefined);
  if (id === undefined) return { monitors: false, addsAgent: false };
  const { Status, Features = [] } = await ask(getDetector, id);
  const runtime = Features.find(({ Name }) => Name === 'RUNTIME_MONITORING');
  const agent = runtime?.AdditionalConfiguration?.find(({ Name }) => Name === 'ECS_FARGATE_AGENT_MANAGEMENT');
  const monitors = Status === 'ENABLED' && runtime?.Status === 'ENABLED';
  return { monitors, addsAgent: monitors && agent?.Status === 'ENABLED' };
}
