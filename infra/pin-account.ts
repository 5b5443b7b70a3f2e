import { Aws, CfnRule, DefaultStackSynthesizer, Fn, type Stack } from 'aws-cdk-lib/core';

/**
 * Pins a stack to an account, in two places:
 *
 * - the assembly names the account, so the CDK CLI works in no other one, `destroy` included: with credentials of another account it
 *   can only assume the bootstrap's roles of this one, if they trust it;
 * - CloudFormation refuses the template in another account before its first resource, deployed by any tool. A rule
 *   may refer to the account, as
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html shows for parameters.
 *
 * `env.account` would name it as well, but with that the CDK asks the account for its zones at synthesis.
 */
export function pinAccount(stack: Stack, account: string): void {
  (stack as { environment: string }).environment = `aws://${account}/${stack.region}`;
  new CfnRule(stack, 'OnlyInAccount', {
    assertions: [
      {
        assert: Fn.conditionEquals(Aws.ACCOUNT_ID, account),
        assertDescription: `infra/config.ts pins this stage to the account ${account}: deploy with its credentials, or correct account`,
      },
    ],
  });
}

/** Publishes assets as the roles of the account too: the CLI publishes before it deploys, in the account of its credentials by default. */
export function synthesizerOf(account: string): DefaultStackSynthesizer {
  const inAccount = (arn: string) => arn.replaceAll(`\${AWS::AccountId}`, account);
  const { DEFAULT_FILE_ASSET_PUBLISHING_ROLE_ARN: file, DEFAULT_IMAGE_ASSET_PUBLISHING_ROLE_ARN: image } =
    DefaultStackSynthesizer;
  return new DefaultStackSynthesizer({
    fileAssetPublishingRoleArn: inAccount(file),
    imageAssetPublishingRoleArn: inAccount(image),
  });
}
