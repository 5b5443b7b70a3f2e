import { getRole } from './calls.ts';
import { type Check, couldNotTell, judgeEach, ok, willFail } from './check.ts';
import { has } from './template.ts';

interface ServiceLinkedRole {
  readonly service: string;
  readonly role: string;
  /** Type of the resource that needs it. */
  readonly for: string;
  /** Whether public reports show that the first resource of an account fails without it. */
  readonly known: boolean;
}

/** Roles that AWS creates with the first resource of their kind in an account, or is said to. */
const ROLES: readonly ServiceLinkedRole[] = [
  // https://github.com/openemr/openemr-on-ecs/issues/8
  { service: 'ecs.amazonaws.com', role: 'AWSServiceRoleForECS', for: 'AWS::ECS::Service', known: true },
  // https://github.com/aws/aws-cdk/issues/4108
  {
    service: 'ecs.application-autoscaling.amazonaws.com',
    role: 'AWSServiceRoleForApplicationAutoScaling_ECSService',
    for: 'AWS::ApplicationAutoScaling::ScalableTarget',
    known: true,
  },
  {
    service: 'elasticloadbalancing.amazonaws.com',
    role: 'AWSServiceRoleForElasticLoadBalancing',
    for: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    known: false,
  },
  {
    service: 'wafv2.amazonaws.com',
    role: 'AWSServiceRoleForWAFV2Logging',
    for: 'AWS::WAFv2::LoggingConfiguration',
    known: false,
  },
  {
    service: 'elasticache.amazonaws.com',
    role: 'AWSServiceRoleForElastiCache',
    for: 'AWS::ElastiCache::ServerlessCache',
    known: false,
  },
];

export const serviceLinkedRoles: Check = {
  name: 'service-linked role',
  calls: [getRole],
  run(ask, { template }) {
    const needed = ROLES.filter((role) => has(template, role.for));
    return judgeEach(
      needed,
      ({ role }) => role,
      async ({ service, role, known }) => {
        if ((await ask(getRole, role)) !== undefined) return ok('it exists');
        const fix = `aws iam create-service-linked-role --aws-service-name ${service}`;
        return known
          ? willFail('it does not exist, and the first deployment of an account can fail without it', fix)
          : couldNotTell('it does not exist; AWS should create it when it is first needed', fix);
      },
    );
  },
};
