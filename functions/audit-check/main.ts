import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LineWriter } from '../../service/logging/line-writer.ts';
import { createLogger } from '../../service/logging/logger.ts';
import { parseAuditCheckEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

/** Longest wait for one answer of AWS in milliseconds; there are up to three attempts. */
const REQUEST_TIMEOUT_MS = 20_000;

const now = () => Date.now();
const writer = new LineWriter(1, 1024 * 1024);
const requestHandler = {
  connectionTimeout: 5000,
  requestTimeout: REQUEST_TIMEOUT_MS,
  // Without it the SDK only warns of an answer that does not come.
  throwOnRequestTimeout: true,
};
const handle = createHandler({
  ...parseAuditCheckEnvironment(process.env),
  logs: new CloudWatchLogsClient({ requestHandler }),
  secrets: new SecretsManagerClient({ requestHandler }),
  now,
  monotonic: () => performance.now(),
  logger: createLogger(writer, now),
});

/** What Lambda calls. */
export async function handler(): Promise<void> {
  // Between two calls the process is frozen, and lines that are not written wait for the next one.
  await handle().finally(() => writer.flush());
}
