// Runs in its own container in the network namespace of the task, and plays the task's surroundings: Secrets
// Manager, clients behind a load balancer, and a public web page. Its standard input contains orders, one JSON
// document per line; the last line of standard output is the answer.
import { createInterface } from 'node:readline';
import { startSecretsManager } from '../service/support/secrets-manager.ts';
import { callTools, type Seen, type Visit } from './clients.ts';
import { servePublicPage } from './public-page.ts';

export type Work =
  /** Start Secrets Manager with these values. The answer: its URL. */
  | { readonly secrets: Record<string, string> }
  /** Visit the task while the page exists. The answer: the clients' observations. */
  | { readonly visit: Visit };

for await (const line of createInterface({ input: process.stdin })) {
  const work = JSON.parse(line) as Work;
  const answer =
    'secrets' in work ? (await startSecretsManager(work.secrets)).url : await visitTask(work.visit);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

async function visitTask(visit: Visit): Promise<Seen> {
  const close = visit.page && (await servePublicPage(visit.page));
  try {
    return await callTools(visit);
  } finally {
    close?.();
  }
}
