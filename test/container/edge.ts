// Runs in a container of its own, in the network namespace of the task, and plays what is around a task: Secrets
// Manager and clients behind a load balancer. Its standard input gives it work, one JSON document a line; the last
// line of standard output is the answer.
import { createInterface } from 'node:readline';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { callTools, type Visit } from './clients.ts';

export type Work =
  /** Start Secrets Manager with these values. The answer: its URL. */
  | { readonly secrets: Record<string, string> }
  /** Visit the task. The answer: what the clients saw. */
  | { readonly visit: Visit };

for await (const line of createInterface({ input: process.stdin })) {
  const work = JSON.parse(line) as Work;
  const answer =
    'secrets' in work ? (await startSecretsManager(work.secrets)).url : await callTools(work.visit);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
