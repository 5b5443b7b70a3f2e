import { setTimeout as pause } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LineWriter } from '../../service/logging/line-writer.ts';
import { createLogger } from '../../service/logging/logger.ts';
import { parseRotationEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';
import { createSecretStore } from './secret-store.ts';

/** Longest wait for one answer of Secrets Manager in milliseconds; there are up to three attempts. */
const REQUEST_TIMEOUT_MS = 5000;

const now = () => Date.now();
const writer = new LineWriter(1, 1024 * 1024);
const client = new SecretsManagerClient({
  requestHandler: {
    connectionTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Without it the SDK only warns of an answer that does not come.
    throwOnRequestTimeout: true,
  },
});
const handle = createHandler({
  ...parseRotationEnvironment(process.env),
  store: createSecretStore(client, pause),
  now,
  pause,
  logger: createLogger(writer, now),
});

/** What Lambda calls. */
export async function handler(event: unknown): Promise<void> {
  // Between two calls the process is frozen, and lines that are not written wait for the next one.
  await handle(event).finally(() => writer.flush());
}
