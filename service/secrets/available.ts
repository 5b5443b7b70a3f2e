import { ServiceError } from '../errors.ts';
import { SecretError } from './sources.ts';

/**
 * Reads a secret for a request: that it cannot be read is this server's fault (503), never the client's.
 *
 * @returns throws ServiceError `secret_unavailable`; its reason is a SecretError's message, of any other error nothing
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
