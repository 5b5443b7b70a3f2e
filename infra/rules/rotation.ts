import { alarmedMetrics, isScheduled } from './functions.ts';
import { every, type Problems, type Rule } from './rule.ts';
import { isTokenList, NO_TOKEN, taskSecrets } from './secrets.ts';
import { isThisAccount, mentions } from './statements.ts';
import type { FoundResource, Properties, SynthesizedTemplate } from './synthesized-template.ts';

const SECRET = 'AWS::SecretsManager::Secret';
const FUNCTION = 'AWS::Lambda::Function';
const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';

/** Longest rotation interval, in days. */
const MAX_ROTATION_DAYS = 90;
/** Longest time that a replaced token stays valid, in hours. */
const MAX_GRACE_HOURS = 72;

/** Prefix of the clients' secrets in a function's environment. */
function prefixOf({ properties }: FoundResource): string | undefined {
  const prefix = properties['Environment']?.Variables?.CLIENT_SECRET_PREFIX;
  return typeof prefix === 'string' ? prefix : undefined;
}

/** The functions that rotate tokens. */
function rotations(template: SynthesizedTemplate): readonly FoundResource[] {
  const scheduled = template
    .all(SCHEDULE)
    .map(({ properties }) => template.target(properties['RotationLambdaARN'])?.logicalId);
  return template
    .all(FUNCTION)
    .filter((fn) => prefixOf(fn) !== undefined || scheduled.includes(fn.logicalId));
}

export interface ClientSecret {
  readonly secret: FoundResource;
  readonly scheduled: boolean;
  /** Logical id of the rotation function's role. */
  readonly rotatedBy: string | undefined;
}

/**
 * The clients' secrets: those with a rotation schedule, with a rotation function's prefix, or with the initial value.
 */
export function clientSecrets(template: SynthesizedTemplate): readonly ClientSecret[] {
  const schedules = template.all(SCHEDULE);
  return template.all(SECRET).flatMap((secret) => {
    const { Name, SecretString } = secret.properties;
    const schedule = schedules.find(({ properties }) => mentions(properties['SecretId'], secret.logicalId));
    const keeper = rotations(template).find((fn) => String(Name).startsWith(prefixOf(fn) ?? '\0'));
    if (!schedule && !keeper && SecretString !== NO_TOKEN) return [];
    const rotation = template.target(schedule?.properties['RotationLambdaARN']) ?? keeper;
    const rotatedBy = template.target(rotation?.properties['Role'])?.logicalId;
    return { secret, scheduled: schedule !== undefined, rotatedBy };
  });
}

function rotatesWithin(rules: Properties | undefined): boolean {
  const days =
    rules?.['AutomaticallyAfterDays'] ??
    /^rate\((\d+) days?\)$/.exec(rules?.['ScheduleExpression'] ?? '')?.[1];
  return Number(days) <= MAX_ROTATION_DAYS;
}

/** Names of the secrets that a function rotates, one per declared client. */
function declared(fn: FoundResource): readonly string[] {
  try {
    const clients = JSON.parse(fn.properties['Environment'].Variables.CLIENTS);
    return Object.keys(clients).map((clientId) => `${prefixOf(fn)}${clientId}/token`);
  } catch {
    return [];
  }
}

function letsSecretsManagerCall(template: SynthesizedTemplate, logicalId: string): boolean {
  return template
    .all('AWS::Lambda::Permission')
    .some(
      ({ properties: { Principal, FunctionName, SourceAccount } }) =>
        Principal === 'secretsmanager.amazonaws.com' &&
        mentions(FunctionName, logicalId) &&
        isThisAccount(SourceAccount),
    );
}

/** Problems that would stop a rotation, or hide its failure. */
function rotationProblems(template: SynthesizedTemplate, fn: FoundResource): Problems {
  const hours = fn.properties['Environment']?.Variables?.GRACE_PERIOD_HOURS;
  const names = clientSecrets(template).map(({ secret }) => secret.properties['Name']);
  return [
    !isScheduled(template, fn.logicalId) && 'a schedule must call it every hour or more often',
    !letsSecretsManagerCall(template, fn.logicalId) &&
      'Secrets Manager must be able to call it for this account',
    !alarmedMetrics(template, fn).includes('Errors') && 'no alarm reads its Errors',
    !(/^\d{1,2}$/.test(String(hours)) && hours >= 1 && hours <= MAX_GRACE_HOURS) &&
      `GRACE_PERIOD_HOURS must be from 1 to ${MAX_GRACE_HOURS}, got ${hours}`,
    !template.names(fn.properties['LoggingConfig']?.LogGroup, 'AWS::Logs::LogGroup') &&
      'LoggingConfig.LogGroup must be a log group of this template',
    fn.properties['ReservedConcurrentExecutions'] === 0 && 'ReservedConcurrentExecutions must not be 0',
    ...declared(fn).map((name) => !names.includes(name) && `there must be a secret named ${name}`),
  ];
}

export const rotationRules: readonly Rule[] = [
  {
    id: 'ClientTokensRotate',
    control: `Every client’s token is rotated at least every ${MAX_ROTATION_DAYS} days, by a function of the stack`,
    fsbp: ['SecretsManager.1', 'SecretsManager.4'],
    file: 'infra/constructs/client-tokens/client-tokens.ts',
    check: (template) => [
      ...clientSecrets(template).flatMap(({ secret, scheduled }) =>
        scheduled ? [] : [{ logicalId: secret.logicalId, problem: 'it must have a RotationSchedule' }],
      ),
      ...every(
        SCHEDULE,
        ({ RotationRules, RotationLambdaARN }) => [
          !rotatesWithin(RotationRules) && `RotationRules must be ${MAX_ROTATION_DAYS} days or less`,
          !template.names(RotationLambdaARN, FUNCTION) &&
            'RotationLambdaARN must be a function of this template',
        ],
        { needed: false },
      )(template),
    ],
  },
  {
    id: 'RotationRuns',
    control: `The rotation function is invoked every hour and by Secrets Manager, its failures raise an alarm, and a replaced token stays valid for at most ${MAX_GRACE_HOURS} hours`,
    fsbp: [],
    file: 'infra/constructs/client-tokens/rotation-function.ts',
    check: (template) => {
      const functions = rotations(template);
      if (functions.length === 0 && taskSecrets(template).some(isTokenList)) {
        return [{ problem: 'no function maintains the token list' }];
      }
      return functions.flatMap((fn) =>
        rotationProblems(template, fn).flatMap((problem) =>
          problem ? [{ logicalId: fn.logicalId, problem }] : [],
        ),
      );
    },
  },
];
