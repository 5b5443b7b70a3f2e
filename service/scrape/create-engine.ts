import type { ScrapeEnvironment } from '../environment/scrape.ts';
import { describeError, type Logger } from '../logging/logger.ts';
import { available } from '../secrets/available.ts';
import { type ReadSecret, SecretError } from '../secrets/sources.ts';
import type { Turns } from '../turns.ts';
import { createDirectEngine } from './direct.ts';
import type { ScrapeEngine } from './engine.ts';
import { createWebScrapingAiEngine } from './webscraping-ai.ts';

export interface EngineParts {
  readonly scrape: ScrapeEnvironment;
  readonly readSecret: ReadSecret;
  readonly logger: Logger;
  readonly turns: Turns;
}

/** The engine of `SCRAPE_ENGINE`. @throws SecretError when the API key cannot be read, other than because it is missing */
export async function createEngine({
  scrape,
  readSecret,
  logger,
  turns,
}: EngineParts): Promise<ScrapeEngine> {
  const { apiKey } = scrape;
  if (scrape.engine === 'direct' || apiKey === undefined) return createDirectEngine({ ...scrape, turns });
  try {
    await readSecret(apiKey);
  } catch (error) {
    // The stack creates an empty secret: the service is healthy, and responds 503 to calls until an operator stores the
    // key.
    if (!(error instanceof SecretError && error.missing)) throw error;
    logger.warn('api_key_missing', describeError(error));
  }
  return createWebScrapingAiEngine({
    ...scrape,
    turns,
    apiKey: available((maxAgeMs) => readSecret(apiKey, maxAgeMs)),
  });
}
