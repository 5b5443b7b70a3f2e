import { readFile } from 'node:fs/promises';
import { LOCK_FILE, MAX_RESPONSE_BYTES, type ServerEnvironment } from '../environment/server.ts';
import { EnvironmentError } from '../environment.ts';
import { VERSION } from '../version.ts';
import { createConnection } from './connection.ts';
import { type Lock, parseLock } from './lock.ts';
import { createPinnedOffers, type Pinned, type PinnedOptions } from './pinned.ts';

export interface OffersOptions extends ServerEnvironment, Pick<PinnedOptions, 'turns' | 'logger' | 'now'> {
  /** Path of the lock. */
  readonly lockFile: string;
}

/**
 * The tools, resources and prompts of the server behind this one, as the lock names them.
 *
 * @throws EnvironmentError if there is no lock, or it is not valid
 */
export async function createOffersOfServer(options: OffersOptions): Promise<Pinned> {
  const { url, session, lockFile } = options;
  // The image has an empty file where none was there when it was built.
  const text = await readFile(lockFile, 'utf8').catch(() => '');
  if (text === '') {
    const fix = `npm run tools:pin -- --url ${url.href}`;
    throw new EnvironmentError([
      `MCP_SERVER_URL needs ${LOCK_FILE}, which pins what the server offers: ${fix}`,
    ]);
  }
  const connection = createConnection({ url, session, maxBytes: MAX_RESPONSE_BYTES, version: VERSION });
  return createPinnedOffers({ ...options, connection, lock: parse(text) });
}

function parse(text: string): Lock {
  try {
    return parseLock(text);
  } catch (error) {
    throw new EnvironmentError([(error as Error).message]);
  }
}
