import type { Request, Response } from 'express';

/**
 * Ends the connection with this answer where a body comes that no stage reads: Node would read it away, whatever its
 * length, to keep the connection. Only what a POST may bring is worth that; other methods have no body here. To be asked
 * as long as no header has left.
 */
export function endWithUnreadBody(
  { method, complete, headers }: Request,
  response: Response,
  maxBodyBytes: number,
): void {
  const announced = Number(headers['content-length'] ?? 0);
  const length = headers['transfer-encoding'] === undefined ? announced : Number.POSITIVE_INFINITY;
  if (!complete && length > (method === 'POST' ? maxBodyBytes : 0)) response.setHeader('Connection', 'close');
}
