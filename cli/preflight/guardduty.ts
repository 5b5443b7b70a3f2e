import { findDetector, getDetector } from './calls.ts';
import { type Check, ok, willFail } from './check.ts';

const AGENT = 'ECS_FARGATE_AGENT_MANAGEMENT';

/** Whether GuardDuty adds its agent to every task. */
export const guardDuty: Check = {
  name: 'GuardDuty',
  calls: [findDetector, getDetector],
  async run(ask, { template }) {
    const id = await ask(findDetector, undefined);
    if (id === undefined) return ok('it is off in this region');
    const { Status, Features = [] } = await ask(getDetector, id);
    const runtime = Features.find(({ Name }) => Name === 'RUNTIME_MONITORING');
    const agent = runtime?.AdditionalConfiguration?.find(({ Name }) => Name === AGENT);
    if (Status !== 'ENABLED' || runtime?.Status !== 'ENABLED' || agent?.Status !== 'ENABLED') {
      return ok('it adds no agent to tasks');
    }
    if (JSON.stringify(template).includes('guardduty')) return ok('its agent is expected');
    return willFail(
      "it adds its agent to every task: the DNS firewall blocks the agent's names and rings, and `cdk destroy` fails on its endpoint",
      'set the option guardDuty',
    );
  },
};
