import { accessListRules } from './access-list.ts';
import { alarmRules } from './alarms.ts';
import { archiveRules } from './archive.ts';
import { clientTokenRules } from './client-tokens.ts';
import { containerRules } from './container.ts';
import { edgeRules } from './edge.ts';
import { firewallRules } from './firewall.ts';
import { firewallStatementRules } from './firewall-statements.ts';
import { functionRules } from './functions.ts';
import { keyRules } from './keys.ts';
import { listenerRules } from './listeners.ts';
import { logRules } from './logs.ts';
import { managedRuleRules } from './managed-rules.ts';
import { networkRules } from './network.ts';
import { permissionRules } from './permissions.ts';
import { rateLimitStoreRules } from './rate-limit-store.ts';
import { rateLimitRules } from './rate-limits.ts';
import { repositoryRules } from './repositories.ts';
import { rotationRules } from './rotation.ts';
import type { Rule, Violation } from './rule.ts';
import { secretRules } from './secrets.ts';
import { securityGroupRules } from './security-groups.ts';
import { serverRules } from './server.ts';
import { serviceRules } from './service.ts';
import { serviceLimitRules } from './service-limits.ts';
import { storageRules } from './storage.ts';
import { type Stated, SynthesizedTemplate } from './synthesized-template.ts';
import { targetRules } from './target-groups.ts';
import { taskRoleRules } from './task-role.ts';
import { wholeRules } from './template.ts';
import { topicRules } from './topics.ts';
import { trustRules } from './trust.ts';

/** Every control of the stack, by topic. */
export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  Container: [...containerRules, ...serverRules],
  Service: serviceRules,
  Network: [...networkRules, ...securityGroupRules],
  Edge: [...listenerRules, ...edgeRules, ...targetRules],
  Firewall: [...firewallRules, ...managedRuleRules, ...firewallStatementRules, ...rateLimitRules],
  Secrets: [...secretRules, ...clientTokenRules, ...accessListRules, ...rotationRules, ...keyRules],
  Permissions: [...permissionRules, ...taskRoleRules, ...trustRules],
  Functions: functionRules,
  Limits: rateLimitStoreRules,
  Logs: [...logRules, ...archiveRules],
  Alarms: alarmRules,
  Storage: [...storageRules, ...topicRules, ...repositoryRules],
  Template: [...wholeRules, ...serviceLimitRules],
};

export interface HardenedOptions {
  /** Whether the requirements of production apply. @default true */
  readonly production?: boolean;
  /** Statements of the stage's tools, of `task.policyStatements` and of infra/extensions.ts: `stated` of the stack. @default - none */
  readonly stated?: Stated | undefined;
  /**
   * Ids of rules that the stack breaks on purpose, and acknowledges as `Hardened::ID` with a reason. @default - none
   */
  readonly acknowledged?: readonly string[];
}

export interface Finding extends Violation {
  readonly rule: Rule;
}

/** The findings of a template, by rule. */
export function findingsOf(template: unknown, options: HardenedOptions = {}): readonly Finding[] {
  const view = new SynthesizedTemplate(template, options.production ?? true, options.stated);
  return Object.values(RULES)
    .flat()
    .flatMap((rule) => rule.check(view).map((violation) => ({ rule, ...violation })));
}

/**
 * For the tests of a fork: `assertHardened(Template.fromStack(stack).toJSON())`.
 *
 * @throws Error naming every broken rule, the resource and the problem; or acknowledged rules that are not broken
 */
export function assertHardened(template: unknown, options: HardenedOptions = {}): void {
  const { acknowledged = [] } = options;
  const all = findingsOf(template, options);
  const stale = acknowledged.filter((id) => !all.some(({ rule }) => rule.id === id));
  if (stale.length > 0) throw new Error(`acknowledged, but not broken: ${stale.join(', ')}`);
  const findings = all.filter(({ rule, refused }) => refused || !acknowledged.includes(rule.id));
  if (findings.length === 0) return;
  const lines = findings.map(
    ({ rule, logicalId, problem }) =>
      `  - ${rule.id}: ${logicalId ?? 'template'}: ${problem} (${rule.control})`,
  );
  throw new Error(`the template is not hardened:\n${lines.join('\n')}`);
}
