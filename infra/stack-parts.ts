import type { Alarm, IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ISubnet, IVpc } from 'aws-cdk-lib/aws-ec2';
import type { FargateService } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Stack } from 'aws-cdk-lib/core';
import type { Construct, IConstruct } from 'constructs';
import { didYouMean } from '../service/did-you-mean.ts';
import type { Severity } from './lib/alarm-row.ts';
import { OptionError } from './lib/option-error.ts';

/** An alarm of a fork's resource. */
export interface ExtensionAlarm {
  /** The event, as the start of a sentence: `Jobs wait for more than an hour`. */
  readonly what: string;
  /** `high` goes to the pager, `medium` and `low` to tickets. */
  readonly severity: Severity;
  readonly metric: IMetric;
  /** The alarm starts when the metric is at this value or above. */
  readonly threshold: number;
  /** Periods of the metric that must all reach the threshold. @default 1 */
  readonly periods?: number;
  /** Start below the threshold, and without data. @default false */
  readonly below?: boolean;
}

/**
 * The parts of a stack that `infra/extensions.ts` may use. This interface is stable: a release that removes or renames a
 * member has an entry under *Changed* in CHANGELOG.md, as for an option.
 */
export interface StackParts {
  /** Name of the stage in `infra/config.ts`, such as `dev`. */
  readonly stage: string;
  /** Whether the stage has `terminationProtection`, so that the rules ask for more. */
  readonly production: boolean;
  /**
   * Scope of the additions: `new Queue(parts.scope, 'Jobs')`. Their names cannot collide with those of a later release.
   * CloudFormation makes them before the load balancer, which a failed deployment cannot delete, so none of them may
   * refer to `service` or `afterService`.
   */
  readonly scope: Construct;
  /** Scope of the additions that refer to `service`, such as a scheduled action: made after the load balancer. */
  readonly afterService: Construct;
  readonly stack: Stack;
  readonly vpc: IVpc;
  /** The private subnets in which the tasks run. */
  readonly taskSubnets: readonly ISubnet[];
  /** Role of the tools: `queue.grantSendMessages(parts.taskRole)`. */
  readonly taskRole: IRole;
  /** The tasks. `database.connections.allowFrom(parts.service, Port.tcp(5432))` opens a port to them. */
  readonly service: FargateService;
  /** Key of the secrets, usable through Secrets Manager only: `new Secret(parts.scope, 'Password', { encryptionKey })`. */
  readonly encryptionKey: IKey;
  /** Key of the log groups: `new LogGroup(parts.scope, 'Log', { encryptionKey: parts.logKey })`. */
  readonly logKey: IKey;
  /** The audit log. It is protected: grant a role to read it, and add no subscription to another account. */
  readonly auditLog: ILogGroup;
  /** Bucket of access logs, for `serverAccessLogsBucket`. */
  readonly accessLogs: IBucket;
  /** Topics of the alarms: high severity, and all other. Only alarms of this account may publish. */
  readonly topics: { readonly pages: ITopic; readonly tickets: ITopic };
  /**
   * Adds an alarm with its notifications.
   *
   * @param name name of the section in your runbook; the alarm is named `STACK-NAME`
   */
  alarm(name: string, alarm: ExtensionAlarm): Alarm;
  /**
   * Finds a construct by its path in the stack, as a finding names it: `parts.find('Task/TaskRole')`. Paths outside of
   * `Extensions` are not stable.
   *
   * @throws OptionError naming what is there instead
   */
  find(path: string): IConstruct;
}

/** Adds resources to a stack. */
export type Extend = (parts: StackParts) => void;

/** The construct at a path below another. */
export function findConstruct(scope: IConstruct, path: string): IConstruct {
  return path.split('/').reduce((parent, name) => {
    const child = parent.node.tryFindChild(name);
    if (child) return child;
    const names = parent.node.children.map(({ node }) => node.id);
    throw new OptionError(
      `${parent.node.path} has no construct ${JSON.stringify(name)}${didYouMean(name, names)}; it has ${names.join(', ') || 'none'}`,
    );
  }, scope);
}
