import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';

/**
 * A `fetch` for HTTPS servers on loopback with certificates of their own. Like the load balancer of a task, it connects a
 * public name to a port of this machine. It follows no redirect.
 *
 * @param ports of public names. @default - the port of the URL
 */
export function loopbackFetch(ports: Readonly<Record<string, number>> = {}): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const body = Buffer.from(await request.arrayBuffer());
    const { host, hostname, port, pathname, search } = new URL(request.url);
    return new Promise((resolve, reject) => {
      const sent = httpsRequest({
        ...{ host: '127.0.0.1', port: ports[hostname] ?? port, path: `${pathname}${search}` },
        ...{ method: request.method, headers: { ...Object.fromEntries(request.headers), host } },
        ...{ rejectUnauthorized: false, agent: false },
      });
      sent.on('error', reject).on('response', (response) => {
        const headers = new Headers();
        for (const [name, value] of Object.entries(response.headers))
          for (const each of [value ?? []].flat()) headers.append(name, each);
        const { statusCode: status = 0 } = response;
        buffer(response).then(
          (bytes) => resolve(new Response(bytes.length === 0 ? null : bytes, { status, headers })),
          reject,
        );
      });
      sent.end(body);
    });
  };
}
