import { getRole, getUser } from './calls.ts';
import { type Ask, type Check, couldNotTell, type Finding, ok, willFail } from './check.ts';

/** Whether the roles and users exist that the policies of keys and secrets name: AWS refuses a policy of others. */
export const principals: Check = {
  name: 'principal',
  calls: [getRole, getUser],
  applies: ({ config: { secrets } }) => secrets.clients.length + secrets.administratorArns.length > 0,
  async run(ask, { config: { secrets }, account }) {
    const findings: Finding[] = [];
    for (const { clientId, principalArn } of secrets.clients) {
      const refused = 'KMS and Secrets Manager refuse a policy that names it';
      findings.push(await judge(ask, account, principalArn, `client ${clientId}`, refused));
    }
    for (const arn of secrets.administratorArns) {
      findings.push(await judge(ask, account, arn, 'administrator', 'it could not manage tokens'));
    }
    return findings;
  },
};

async function judge(
  ask: Ask,
  account: string,
  arn: string,
  about: string,
  consequence: string,
): Promise<Finding> {
  const owner = arn.split(':')[4];
  if (owner !== account) {
    return couldNotTell(`${arn} is of another account`, `check it with credentials of ${owner}`, about);
  }
  const [, kind = '', name = ''] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const found = await (kind === 'role' ? ask(getRole, name) : ask(getUser, name));
  if (found === undefined) {
    return willFail(
      `${arn} does not exist: ${consequence}`,
      `create the ${kind} first, or correct the ARN`,
      about,
    );
  }
  if (found.Arn !== arn) {
    return willFail(
      `${arn} does not exist, ${found.Arn} does: ${consequence}`,
      'correct the ARN, with its path',
      about,
    );
  }
  return ok(arn, about);
}
