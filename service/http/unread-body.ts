import type { Request, Response } from 'express';

/**
 * Closes the connection after this response if the request has a body that no stage reads: to keep the connection, Node
 * would read and discard the body, whatever its length. Only a POST body within the limit is worth that. Call this
 * before the headers are sent.
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
