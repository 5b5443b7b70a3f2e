import { getParameter } from './calls.ts';
import { type Check, ok, willFail } from './check.ts';

/** Whether the account is bootstrapped with the version that the template asserts. */
export const bootstrap: Check = {
  name: 'CDK bootstrap',
  calls: [getParameter],
  async run(ask, { template, account, config }) {
    const parameter: string = template.Parameters?.['BootstrapVersion'].Default;
    const [assertion] = template.Rules?.['CheckBootstrapVersion'].Assertions ?? [];
    const tooOld: string[] = assertion.Assert['Fn::Not'][0]['Fn::Contains'][0];
    const fix = `npx cdk bootstrap aws://${account}/${config.region}`;
    const version = await ask(getParameter, parameter);
    if (version === undefined) return willFail(`${account} is not bootstrapped in ${config.region}`, fix);
    if (tooOld.includes(version)) return willFail(`version ${version} is too old`, fix);
    return ok(`version ${version}`);
  },
};
