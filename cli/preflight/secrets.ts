import type { Stage } from '../../infra/stage-config.ts';
import { describeSecret, listSecrets, listStackResources } from './calls.ts';
import { type Ask, type Check, couldNotTell, type Finding, judgeEach, ok, willFail } from './check.ts';
import { missing } from './stack.ts';
import { resourcesOf } from './template.ts';

/** Whether the names of the clients' secrets are free. A name is in use while its secret waits for deletion. */
export const secretNames: Check = {
  name: 'secret',
  calls: [listSecrets, listStackResources],
  applies: ({ template }) =>
    resourcesOf(template, 'AWS::SecretsManager::Secret').some(
      ([, { Properties }]) => Properties.Name !== undefined,
    ),
  async run(ask, subject) {
    const created = await missing(ask, subject, 'AWS::SecretsManager::Secret');
    const names: string[] = created.flatMap(([, { Properties }]) => Properties.Name ?? []);
    if (names.length === 0) return ok('the stage has made those with fixed names');
    const existing = await ask(listSecrets, `${subject.stackName}/`);
    const taken = existing.flatMap(({ Name = '', DeletedDate }): Finding[] => {
      if (!names.includes(Name)) return [];
      const free = `aws secretsmanager delete-secret --force-delete-without-recovery --secret-id ${Name}`;
      return DeletedDate === undefined
        ? [willFail('it exists and is not of this stack', `if it is not needed: ${free}`, Name)]
        : [
            willFail(
              'it is scheduled for deletion',
              `aws secretsmanager restore-secret --secret-id ${Name}, then ${free}`,
              Name,
            ),
          ];
    });
    return taken.length > 0 ? taken : ok(`free: ${names.join(', ')}`);
  },
};

/** Whether the secrets of the server behind the service exist. */
export const serverSecrets: Check = {
  name: 'secret of the server',
  calls: [describeSecret],
  applies: ({ config }) => Object.keys(config.task.server?.secrets ?? {}).length > 0,
  run: (ask, { config: { task }, account }) =>
    judgeEach(
      Object.entries(task.server?.secrets ?? {}),
      ([name]) => name,
      async ([name, reference]) => {
        const [arn = ''] = reference.split('#');
        const owner = arn.split(':')[4];
        if (owner !== account) {
          return couldNotTell(`${arn} is of another account`, `check it with credentials of ${owner}`);
        }
        const found = await ask(describeSecret, arn);
        if (found === undefined) {
          return willFail(
            `${arn} does not exist: no task would start`,
            `correct task.server.secrets.${name}`,
          );
        }
        if (found.DeletedDate === undefined) return ok(arn);
        return willFail(
          'it is scheduled for deletion: no task would start',
          `aws secretsmanager restore-secret --secret-id ${arn}`,
        );
      },
    ),
};

/** A secret that the configuration names, and its key. */
interface Imported {
  /** Such as `secrets.apiKeySecretArn`. */
  readonly option: string;
  readonly arn: string;
  /** @default - the account's `aws/secretsmanager` key */
  readonly kmsKeyArn?: string | undefined;
  /** The option that names the key. */
  readonly keyOption: string;
}

/** Secrets that the stack does not create: the upstream API key, and those of tools. */
function importedSecrets({ secrets: { apiKeySecretArn, apiKeyKmsKeyArn }, served }: Stage): Imported[] {
  const apiKey: Imported[] =
    apiKeySecretArn === undefined
      ? []
      : [
          {
            option: 'secrets.apiKeySecretArn',
            arn: apiKeySecretArn,
            kmsKeyArn: apiKeyKmsKeyArn,
            keyOption: 'secrets.apiKeyKmsKeyArn',
          },
        ];
  const ofTools = served.flatMap(({ name, secrets }) =>
    Object.entries(secrets).flatMap(([secret, source]): Imported[] => {
      const option = `tools.${name}.secrets.${secret}`;
      if (source === 'create') return [];
      const given = typeof source === 'string' ? { arn: source } : source;
      return [{ ...given, option, keyOption: `${option}.kmsKeyArn` }];
    }),
  );
  return [...apiKey, ...ofTools];
}

/** Whether the secrets that the configuration names exist, with the keys that it names. */
export const existingSecrets: Check = {
  name: 'existing secret',
  calls: [describeSecret],
  applies: ({ config }) => importedSecrets(config).length > 0,
  run(ask, { config, account }) {
    return judgeEach(
      importedSecrets(config),
      ({ option }) => option,
      (imported) => judge(ask, imported, account),
    );
  },
};

async function judge(
  ask: Ask,
  { option, arn, kmsKeyArn, keyOption }: Imported,
  account: string,
): Promise<Finding> {
  const owner = arn.split(':')[4];
  if (owner !== account) {
    return couldNotTell(`${arn} is of another account`, `check it with credentials of ${owner}`);
  }
  const found = await ask(describeSecret, arn);
  if (found === undefined) return willFail(`${arn} does not exist`, `correct ${option}`);
  if (found.DeletedDate !== undefined) {
    return willFail('it is scheduled for deletion', `aws secretsmanager restore-secret --secret-id ${arn}`);
  }
  // Secrets Manager names a key as its creator did: by ARN, by id, or by an alias, which cannot be compared.
  const { KmsKeyId = '' } = found;
  const key = KmsKeyId.split('/').at(-1) ?? '';
  if (KmsKeyId.includes('alias/') && KmsKeyId !== 'alias/aws/secretsmanager') {
    return couldNotTell(`it is encrypted with ${KmsKeyId}`, `check that ${keyOption} is its key`);
  }
  const expected = kmsKeyArn?.split('/').at(-1) ?? (KmsKeyId === '' ? '' : 'secretsmanager');
  if (key === expected) return ok(arn);
  return willFail(
    `it is encrypted with ${KmsKeyId || "the account's aws/secretsmanager key"}: tasks could not read it`,
    `set ${keyOption} to its key, or remove it for the key of the account`,
  );
}
