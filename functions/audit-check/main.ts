import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LineWriter } from '../../service/logging/line-writer.ts';
import { createLogger } from '../../service/logging/logger.ts';
import { parseAuditCheckEnvironment } from './environment.ts';
import { type CheckEvent, createHandler } from './handler.ts';

/** Timeout of one AWS request in milliseconds. */
const REQUEST_TIMEOUT_MS = 20_000;

const now = () => Date.now();
const writer = new LineWriter(1, 1024 * 1024);
const requestHandler = {
  connectionTimeout: 5000,
  requestTimeout: REQUEST_TIMEOUT_MS,
  // Without this the SDK only warns when a response does not arrive.
  throwOnRequestTimeout: true,
};
const handle = createHandler({
  ...parseAuditCheckEnvironment(process.env),
  // Slows down to the quota of this account and region, which others share, once a request is throttled.
  logs: new CloudWatchLogsClient({ requestHandler, retryMode: 'adaptive', maxAttempts: 6 }),
  secrets: new SecretsManagerClient({ requestHandler }),
  now,
  monotonic: () => performance.now(),
  logger: createLogger(writer, now),
});

/** The Lambda handler. */
export async function handler(event?: CheckEvent): Promise<void> {
  // Lambda freezes the process between invocations; unwritten lines would wait for the next one.
  await handle(event).finally(() => writer.flush());
}
