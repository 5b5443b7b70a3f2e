import { describeSecret, listSecrets, listStackResources } from './calls.ts';
import { type Check, couldNotTell, type Finding, judgeEach, ok, willFail } from './check.ts';
import { missing } from './stack.ts';
import { resourcesOf } from './template.ts';

/** Whether the names of the clients' secrets are free. A name stays taken while its secret waits for deletion. */
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

/** Whether the secret of the upstream API key exists, with the key that the configuration names. */
export const apiKey: Check = {
  name: 'upstream API key',
  calls: [describeSecret],
  applies: ({ config }) => config.secrets.apiKeySecretArn !== undefined,
  async run(ask, { config: { secrets }, account }) {
    const { apiKeySecretArn = '', apiKeyKmsKeyArn } = secrets;
    const owner = apiKeySecretArn.split(':')[4];
    if (owner !== account) {
      return couldNotTell(
        `${apiKeySecretArn} is of another account`,
        `check it with credentials of ${owner}`,
      );
    }
    const found = await ask(describeSecret, apiKeySecretArn);
    const correct = 'correct secrets.apiKeySecretArn';
    if (found === undefined) return willFail(`${apiKeySecretArn} does not exist`, correct);
    if (found.DeletedDate !== undefined) {
      return willFail(
        'it is scheduled for deletion',
        `aws secretsmanager restore-secret --secret-id ${apiKeySecretArn}`,
      );
    }
    // Secrets Manager names a key as its creator did: by ARN, by id, or by an alias, which cannot be compared.
    const { KmsKeyId = '' } = found;
    const key = KmsKeyId.split('/').at(-1) ?? '';
    if (KmsKeyId.includes('alias/') && KmsKeyId !== 'alias/aws/secretsmanager') {
      return couldNotTell(
        `it is encrypted with ${KmsKeyId}`,
        'check that secrets.apiKeyKmsKeyArn is its key',
      );
    }
    const expected = apiKeyKmsKeyArn?.split('/').at(-1) ?? (KmsKeyId === '' ? '' : 'secretsmanager');
    if (key === expected) return ok(apiKeySecretArn);
    return willFail(
      `it is encrypted with ${KmsKeyId || "the account's aws/secretsmanager key"}: tasks could not read it`,
      'set secrets.apiKeyKmsKeyArn to its key, or remove it for the key of the account',
    );
  },
};
