import { generate } from 'selfsigned';

/**
 * A key pair for the connection from the load balancer to this process, made in memory at every start: nothing to
 * store, distribute or rotate. The load balancer encrypts to it and does not verify it.
 */
export async function createSelfSignedCertificate(): Promise<{ cert: string; key: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'mcp-task' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
  });
  return { cert, key };
}
