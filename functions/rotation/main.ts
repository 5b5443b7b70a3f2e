import { setTimeout as pause } from 'node:timers/promises';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LineWriter } from '../../service/logging/line-writer.ts';
import { createLogger } from '../../service/logging/logger.ts';
import { parseRotationEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';
import { createSecretStore } from './secret-store.ts';

/** Timeout of one Secrets Manager request in milliseconds; there are up to three attempts. */
const REQUEST_TIMEOUT_MS = 5000;

const now = () => Date.now();
const writer = new LineWriter(1, 1024 * 1024);
const client = new SecretsManagerClient({
  requestHandler: {
    connectionTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Without this the SDK only warns when a response does not arrive.
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

/** The Lambda handler. */
export async function handler(event: unknown): Promise<void> {
  // Lambda freezes the process between invocations; unwritten lines would wait for the next one.
  await handle(event).finally(() => writer.flush());
}
