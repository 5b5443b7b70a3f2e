import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import { HEALTH_CHECK_SCRIPT } from '../../infra/constructs/task/task.ts';

/** Exit code of the container's health check against a port of this machine. */
async function exitCode(port: number): Promise<number> {
  const script = HEALTH_CHECK_SCRIPT.replace('8443', String(port));
  const [code] = await once(spawn(process.execPath, ['-e', script], { stdio: 'ignore' }), 'exit');
  return code as number;
}

/** Runs the health check against a server with a self-signed certificate, like a task. */
async function against(status: number | 'silence'): Promise<{ code: number; paths: string[] }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const paths: string[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    paths.push(request.url ?? '');
    if (status !== 'silence') response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return { code: await exitCode((server.address() as AddressInfo).port), paths };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('health check', () => {
  test('a task that answers 200 on /healthz over HTTPS is healthy', async () => {
    expect(await against(200)).toEqual({ code: 0, paths: ['/healthz'] });
  });

  test.each([500, 503, 301, 204])('a task that answers %d is not', async (status) => {
    expect((await against(status)).code).toBe(1);
  });

  test('a task that does not answer is not, before ECS loses patience', async () => {
    const before = performance.now();
    expect((await against('silence')).code).toBe(1);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  test('a task that does not listen is not', async () => {
    expect(await exitCode(1)).toBe(1);
  });
});
