import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

export interface AwsOptions {
  readonly region: string;
  /** @default - AWS, or what AWS_ENDPOINT_URL names */
  readonly endpoint?: string;
  /** @default - the credentials that the AWS CLI would use */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Longest run of a Lambda function in milliseconds, with a margin; its answer comes at the end. */
const INVOCATION_MS = 16 * 60_000;

/** The clients of one run. */
export type Aws = ReturnType<typeof createAws>;

export function createAws(options: AwsOptions) {
  return {
    cloudFormation: new CloudFormationClient(options),
    // SetAlarmState is throttled at a few calls a second.
    cloudWatch: new CloudWatchClient({ ...options, maxAttempts: 8 }),
    ecr: new ECRClient(options),
    ecs: new ECSClient(options),
    lambda: new LambdaClient({ ...options, requestHandler: { requestTimeout: INVOCATION_MS } }),
    logs: new CloudWatchLogsClient(options),
    secrets: new SecretsManagerClient(options),
    /** Secrets Manager as another role. @throws if the role does not trust the caller */
    async secretsAs(RoleArn: string): Promise<SecretsManagerClient> {
      const sts = new STSClient(options);
      const { Credentials } = await sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'acceptance', DurationSeconds: 900 }),
      );
      const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials ?? {};
      const credentials = {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        ...(SessionToken !== undefined && { sessionToken: SessionToken }),
      };
      return new SecretsManagerClient({ ...options, credentials });
    },
  };
}
