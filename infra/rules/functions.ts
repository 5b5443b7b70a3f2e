import { SECRET_NAME } from './container.ts';
import { auditLogs } from './logs.ts';
import { every, type Problems, type Rule } from './rule.ts';
import {
  type FoundResource,
  listOf,
  referencesIn,
  type SynthesizedTemplate,
} from './synthesized-template.ts';

const FUNCTION = 'AWS::Lambda::Function';
const made = {
  file: 'infra/constructs/function/bundled-function.ts',
};

/** Whether a function's role allows an action on one of these resources. */
function may(
  template: SynthesizedTemplate,
  { properties }: FoundResource,
  action: string,
  resources: readonly string[],
): boolean {
  const role = template.target(properties['Role'])?.logicalId ?? '';
  return template
    .all('AWS::IAM::ManagedPolicy')
    .filter((policy) => referencesIn(policy.properties['Roles']).includes(role))
    .flatMap((policy) => listOf(policy.properties['PolicyDocument']?.Statement))
    .some(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' &&
        listOf(Action).map(String).includes(action) &&
        referencesIn(Resource).some((id) => resources.includes(id)),
    );
}

/** A run of the audit check reads the records of these minutes, and of two more. */
const CHECK_MINUTES = 10;

/** The functions that get an audit log in their environment and may read it as it was written. */
function auditChecks(template: SynthesizedTemplate): readonly FoundResource[] {
  const logs = auditLogs(template).map(({ logicalId }) => logicalId);
  return template.all(FUNCTION).filter(
    (fn) =>
      // Masked, a record would read as changed.
      ['logs:FilterLogEvents', 'logs:Unmask'].every((action) => may(template, fn, action, logs)) &&
      referencesIn(fn.properties['Environment']).some((id) => logs.includes(id)),
  );
}

/** Problems that would lose a failed event. */
function deadLetterProblems(template: SynthesizedTemplate, fn: FoundResource): Problems {
  const topic = template.target(fn.properties['DeadLetterConfig']?.TargetArn);
  if (topic?.resource.Type !== 'AWS::SNS::Topic')
    return ['DeadLetterConfig.TargetArn must be a topic of this template'];
  const key = referencesIn(topic.properties['KmsMasterKeyId']);
  const ages = template
    .all('AWS::Lambda::EventInvokeConfig')
    .filter(({ properties }) => template.target(properties['FunctionName'])?.logicalId === fn.logicalId)
    .map(({ properties }) => properties['MaximumEventAgeInSeconds']);
  return [
    !may(template, fn, 'sns:Publish', [topic.logicalId]) && 'its role must be able to publish to that topic',
    key.length > 0 &&
      !['kms:Decrypt', 'kms:GenerateDataKey'].every((action) => may(template, fn, action, key)) &&
      'its role must be able to use the key of that topic',
    !ages.some((seconds) => seconds <= 3600) && 'MaximumEventAgeInSeconds must be 3600 or less',
  ];
}

/** Minutes between two runs of a schedule. */
function minutesOf(schedule: unknown): number {
  const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(String(schedule)) ?? [];
  return count === undefined ? Number.POSITIVE_INFINITY : Number(count) * (unit === 'hour' ? 60 : 1);
}

/** Whether a schedule calls a function often enough. */
export function isScheduled(template: SynthesizedTemplate, logicalId: string, everyMinutes = 60): boolean {
  return template
    .all('AWS::Events::Rule')
    .some(
      ({ properties }) =>
        minutesOf(properties['ScheduleExpression']) <= everyMinutes &&
        properties['State'] !== 'DISABLED' &&
        referencesIn(properties['Targets']).includes(logicalId) &&
        template
          .all('AWS::Lambda::Permission')
          .some(
            (permission) =>
              permission.properties['Principal'] === 'events.amazonaws.com' &&
              referencesIn(permission.properties['FunctionName']).includes(logicalId),
          ),
    );
}

/** Metrics of a function that alarms read: its own, and those of its log. */
export function alarmedMetrics(
  template: SynthesizedTemplate,
  { logicalId, properties }: FoundResource,
): string[] {
  const alarms = template.all('AWS::CloudWatch::Alarm').map((alarm) => alarm.properties);
  const ofLambda = alarms.filter(
    ({ Namespace, Dimensions }) => Namespace === 'AWS/Lambda' && referencesIn(Dimensions).includes(logicalId),
  );
  const log = template.target(properties['LoggingConfig']?.LogGroup)?.logicalId;
  const counted = template
    .all('AWS::Logs::MetricFilter')
    .flatMap(({ properties: filter }) =>
      listOf(filter['MetricTransformations']).flatMap(({ MetricName, MetricNamespace }) =>
        log !== undefined &&
        template.target(filter['LogGroupName'])?.logicalId === log &&
        alarms.some((alarm) => alarm['MetricName'] === MetricName && alarm['Namespace'] === MetricNamespace)
          ? [...String(filter['FilterPattern']).matchAll(/\$\.event = "(\w+)"/g)].map(
              ([, word]) => word ?? '',
            )
          : [],
      ),
    );
  return [...ofLambda.map(({ MetricName }) => String(MetricName)), ...counted];
}

export const functionRules: readonly Rule[] = [
  {
    id: 'FunctionsNotPublic',
    control: 'Only AWS services can invoke a function, for this account',
    fsbp: ['Lambda.1'],
    ...made,
    check: (template) => [
      ...every(
        'AWS::Lambda::Permission',
        ({ Principal, SourceAccount, SourceArn }) => [
          !/^[a-z0-9.-]+\.amazonaws\.com$/.test(Principal ?? '') &&
            `Principal must be a service, got ${Principal}`,
          !(JSON.stringify(SourceAccount) ?? '').includes('AWS::AccountId') &&
            referencesIn(SourceArn).length === 0 &&
            'SourceAccount must be this account, or SourceArn of this template',
        ],
        { needed: false },
      )(template),
      ...every('AWS::Lambda::Url', () => ['a function must have no URL'], { needed: false })(template),
    ],
  },
  {
    id: 'EventBridgeMayInvoke',
    control:
      'EventBridge can invoke a function that its rule calls: the permission names the rule, not the account',
    fsbp: [],
    file: 'infra/constructs/audit-check.ts',
    // SourceAccount prevents EventBridge from invoking the function (EventBridge user guide, eb-troubleshooting: "My rule
    // ran but my Lambda function wasn't invoked").
    check: every(
      'AWS::Lambda::Permission',
      ({ Principal, SourceAccount, SourceArn }) =>
        Principal === 'events.amazonaws.com'
          ? [
              SourceAccount !== undefined &&
                'SourceAccount must be absent, because EventBridge cannot invoke with it',
              referencesIn(SourceArn).length === 0 && 'SourceArn must be a rule of this template',
            ]
          : [],
      { needed: false },
    ),
  },
  {
    id: 'FunctionsSupported',
    control: 'Every function uses a runtime that AWS maintains',
    fsbp: ['Lambda.2'],
    ...made,
    check: every(
      FUNCTION,
      ({ Runtime }) => [
        !/^nodejs2[24]\.x$/.test(Runtime ?? '') && `Runtime must be nodejs22.x or nodejs24.x, got ${Runtime}`,
      ],
      { needed: false },
    ),
  },
  {
    id: 'NoSecretInFunction',
    control: 'The environment of a function contains no secret',
    fsbp: [],
    ...made,
    check: every(
      FUNCTION,
      ({ Environment }) =>
        Object.entries(Environment?.Variables ?? {}).map(
          ([name, value]) =>
            typeof value === 'string' &&
            SECRET_NAME.test(name) &&
            !/_(ARN|PREFIX)$/.test(name) &&
            `${name} must be the ARN of a secret, as NAME_ARN`,
        ),
      { needed: false },
    ),
  },
  {
    id: 'DeadLetterTargetSet',
    control:
      'An event that fails, or finds no free concurrency within an hour, is published to a topic of the stack',
    fsbp: [],
    file: 'infra/constructs/function/dead-letters.ts',
    check: (template) => {
      const called = template
        .all('AWS::Events::Rule')
        .flatMap(({ properties }) => referencesIn(properties['Targets']));
      return template
        .all(FUNCTION)
        .filter(({ logicalId }) => called.includes(logicalId))
        .flatMap((fn) =>
          deadLetterProblems(template, fn).flatMap((problem) =>
            problem ? [{ logicalId: fn.logicalId, problem }] : [],
          ),
        );
    },
  },
  {
    id: 'AuditChainChecked',
    control:
      'The chains of the audit log are checked every ten minutes, unmasked; a broken chain, a failed run and a missing run raise alarms',
    fsbp: [],
    file: 'infra/constructs/audit-check.ts',
    check: (template) => {
      const checks = auditChecks(template);
      if (checks.length === 0) return [{ problem: 'no function reads the audit log unmasked' }];
      return checks.flatMap((check) => {
        const { logicalId } = check;
        const covered = alarmedMetrics(template, check);
        return [
          !isScheduled(template, logicalId, CHECK_MINUTES) &&
            `a schedule must call it every ${CHECK_MINUTES} minutes or more often`,
          ...['audit_chain_broken', 'Errors', 'Invocations'].map(
            (name) => !covered.includes(name) && `no alarm reads its ${name}`,
          ),
        ].flatMap((problem) => (problem ? [{ logicalId, problem }] : []));
      });
    },
  },
];
