import { getRole, getUser } from './calls.ts';
import { type Ask, type Check, couldNotTell, type Finding, judgeEach, ok, willFail } from './check.ts';

interface Principal {
  readonly arn: string;
  readonly about: string;
  /** The consequence if it does not exist. */
  readonly otherwise: string;
}

/** Whether the roles and users exist that the policies of keys and secrets name: AWS refuses a policy of others. */
export const principals: Check = {
  name: 'principal',
  calls: [getRole, getUser],
  applies: ({ config: { secrets } }) => secrets.clients.length + secrets.administratorArns.length > 0,
  run(ask, { config: { secrets }, account }) {
    const clients = secrets.clients.map(({ clientId, principalArn }): Principal => {
      const otherwise = 'KMS and Secrets Manager refuse a policy that names it';
      return { arn: principalArn, about: `client ${clientId}`, otherwise };
    });
    const administrators = secrets.administratorArns.map((arn): Principal => {
      return { arn, about: 'administrator', otherwise: 'it could not manage tokens' };
    });
    return judgeEach(
      [...clients, ...administrators],
      ({ about }) => about,
      (principal) => judge(ask, account, principal),
    );
  },
};

async function judge(ask: Ask, account: string, { arn, otherwise }: Principal): Promise<Finding> {
  const owner = arn.split(':')[4];
  if (owner !== account) {
    return couldNotTell(`${arn} is of another account`, `check it with credentials of ${owner}`);
  }
  const [, kind = '', name = ''] = /:(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  const found = await (kind === 'role' ? ask(getRole, name) : ask(getUser, name));
  if (found === undefined) {
    return willFail(`${arn} does not exist: ${otherwise}`, `create the ${kind} first, or correct the ARN`);
  }
  if (found.Arn !== arn) {
    return willFail(
      `${arn} does not exist, ${found.Arn} does: ${otherwise}`,
      'correct the ARN, with its path',
    );
  }
  return ok(arn);
}
