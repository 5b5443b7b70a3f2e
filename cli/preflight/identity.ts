import { getCallerIdentity } from './calls.ts';
import { type Check, ok, willFail } from './check.ts';

/** Who calls, and whether the configuration means this account. */
export const identity: Check = {
  name: 'account and region',
  calls: [getCallerIdentity],
  async run(ask, { account, config }) {
    const { Arn } = await ask(getCallerIdentity, undefined);
    if (config.account !== undefined && config.account !== account) {
      return willFail(
        `these are credentials of ${account}, and the stage is pinned to ${config.account}`,
        `use credentials of ${config.account}, or correct account`,
      );
    }
    // A load balancer takes certificates of its own account only. Its region was checked at synth.
    const owner = config.domain.certificateArn?.split(':')[4];
    if (owner !== undefined && owner !== account) {
      return willFail(
        `these are credentials of ${account}, and domain.certificateArn is of ${owner}`,
        `use credentials of ${owner}, or a certificate of ${account}`,
      );
    }
    return ok(`${account} in ${config.region}, as ${Arn}`);
  },
};
