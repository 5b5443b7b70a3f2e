import { describeStack, listStackResources } from './calls.ts';
import { type Ask, type Check, couldNotTell, type Finding, ok, type Subject, willFail } from './check.ts';
import { resourcesOf } from './template.ts';

const REMOVE = 'docs/deploy.md#remove';

/** Whether CloudFormation takes a change of the stack now. */
export const stackState: Check = {
  name: 'stack',
  calls: [describeStack],
  async run(ask, { stackName, config }) {
    const found = await ask(describeStack, stackName);
    if (found === undefined) return ok(`${stackName} does not exist yet`);
    const { StackStatus: status = '', EnableTerminationProtection, Outputs = [] } = found;
    // The CLI deletes a stack in the state ROLLBACK_COMPLETE by itself, which its termination protection forbids: the
    // CLI turned that on before the deployment that failed. Its deletion of the other states meets the protection of the
    // load balancer again.
    if (status === 'ROLLBACK_COMPLETE' && EnableTerminationProtection) {
      return willFail(
        `${stackName} is in the state ${status}, and its termination protection keeps the CLI from replacing it`,
        `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stackName}`,
      );
    }
    if (/_IN_PROGRESS$/.test(status) && status !== 'REVIEW_IN_PROGRESS') {
      return willFail(`${stackName} is in the state ${status}`, 'wait until it has ended');
    }
    if (!/_FAILED$/.test(status)) {
      const output = (key: string) => Outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
      return differs(stackName, config, output) ?? ok(`${stackName} is in the state ${status}`);
    }
    const fix =
      status === 'UPDATE_ROLLBACK_FAILED'
        ? `aws cloudformation continue-update-rollback --stack-name ${stackName}`
        : `read why in the stack's events, then delete the stack (${REMOVE})`;
    return willFail(`${stackName} is in the state ${status}`, fix);
  },
};

/** A finding if the stack has a load balancer of another scheme, or is of another server, as that of a fork with the same name is. */
function differs(
  stackName: string,
  { domain, edge }: Subject['config'],
  output: (key: string) => string | undefined,
): Finding | undefined {
  // ELB begins the names of internal load balancers with this word.
  const internal = output('LoadBalancerDnsName')?.startsWith('internal-');
  if (internal !== undefined && internal !== (edge.scheme === 'internal')) {
    return willFail(
      `its load balancer is ${internal ? 'internal' : 'internet-facing'}, and cannot become ${edge.scheme}`,
      'make a new stage, move the clients to it, and delete this one',
    );
  }
  const url = output('Url');
  if (url === undefined || url === `https://${domain.domainName}/mcp`) return undefined;
  return couldNotTell(
    `${stackName} exists and serves ${url}: this deployment makes it serve ${domain.domainName} instead`,
    'if the stack is of another server, give this one another name; if you move this server to another domain, go on',
  );
}

/** Physical ids of the stage's resources by their logical ids; empty before the first deployment. */
export async function deployed(ask: Ask, { stackName }: Subject): Promise<ReadonlyMap<string, string>> {
  const listed = (await ask(listStackResources, stackName)) ?? [];
  const existing = listed.filter(
    ({ ResourceStatus }) => !/^(DELETE_COMPLETE|CREATE_FAILED)$/.test(`${ResourceStatus}`),
  );
  return new Map(
    existing.map(({ LogicalResourceId = '', PhysicalResourceId = '' }) => [
      LogicalResourceId,
      PhysicalResourceId,
    ]),
  );
}

/** Resources of a type that the deployment will create. */
export async function missing(ask: Ask, subject: Subject, type: string) {
  const existing = await deployed(ask, subject);
  return resourcesOf(subject.template, type).filter(([id]) => !existing.has(id));
}
