import { once } from 'node:events';
import { connect } from 'node:net';
import type { CheckContext } from './check.ts';
import { urlOf } from './endpoint.ts';

/** Longest time for a connection, in milliseconds; where no route leads, nothing answers. */
const TIMEOUT_MS = 5000;

/** This machine cannot reach the internal load balancer. This is no fault of the stage. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  readonly fix =
    'Run it on a machine in a network of edge.allowedCidrs whose DNS knows the name: docs/deploy.md, A private server';
}

/**
 * Checks that an internal load balancer can be reached. An internet-facing one must be reachable, so its own checks
 * fail.
 *
 * @throws OutsideError if not
 */
export async function reach({ stage, stack }: Pick<CheckContext, 'stage' | 'stack'>): Promise<void> {
  if (stage.config.edge?.scheme !== 'internal') return;
  const { hostname: host, port } = urlOf(stack);
  const socket = connect({ host, port: Number(port || 443) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    const { code = 'no answer', name } = error as NodeJS.ErrnoException;
    const reason = name === 'AbortError' ? `no answer within ${TIMEOUT_MS / 1000} s` : code;
    throw new OutsideError(`the load balancer is internal, and not reached from here (${reason})`);
  } finally {
    socket.destroy();
  }
}
