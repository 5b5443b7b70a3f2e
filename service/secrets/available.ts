import { ServiceError } from '../errors.ts';
import { SecretError } from './sources.ts';

/**
 * Wraps a secret reader for use in requests: an unreadable secret is this server's fault (503), never the client's.
 *
 * @returns a reader that throws ServiceError `secret_unavailable`, with a SecretError's message as its reason and
 * without details of other errors
 */
export function available<T>(read: (maxAgeMs?: number) => Promise<T>): (maxAgeMs?: number) => Promise<T> {
  return async (maxAgeMs) => {
    try {
      return await read(maxAgeMs);
    } catch (cause) {
      const reason = cause instanceof SecretError ? cause.message : 'unknown';
      throw new ServiceError('secret_unavailable', { reason, cause, headers: { 'Retry-After': '5' } });
    }
  };
}
